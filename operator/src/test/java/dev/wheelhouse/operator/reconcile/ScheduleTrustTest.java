package dev.wheelhouse.operator.reconcile;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.api.v1alpha1.Api;
import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.api.v1alpha1.Schedule;
import dev.wheelhouse.operator.kube.ScheduleApi;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ScheduleTrustTest {
    private StrictServer server;
    private KubernetesClient client;
    private ScheduleTrust trust;

    @BeforeEach
    void start() {
        server = new StrictServer();
        client = server.client(StrictServer.TEST_AGENT);
        trust = new ScheduleTrust(new ScheduleApi(client, List.of()), new ScheduleChildren(), () -> true);
    }

    @AfterEach
    void stop() {
        client.close();
        server.close();
    }

    @Test
    void nothingIsTrustedBeforeTheSurvey() {
        assertFalse(trust.sure("u"));
        trust.survey();
        assertTrue(trust.sure("u"));
    }

    @Test
    void aScheduleWithARunThatTheCacheDoesNotKnowIsLookedAt() {
        Run run = new Run();
        run.setMetadata(new ObjectMetaBuilder()
                .withNamespace(World.NS)
                .withName("r")
                .withLabels(Map.of(Api.LABEL_SCHEDULE_UID, "u"))
                .build());
        client.resource(run).create();
        trust.survey();
        assertFalse(trust.sure("u"));
        assertTrue(trust.sure("other"));
        trust.end("u", true, trust.begin("u"));
        assertTrue(trust.sure("u"));
    }

    @Test
    void aRoundThatBrokeOffIsNotTrustedUntilOneKnewEverything() {
        trust.survey();
        trust.begin("u");
        assertFalse(trust.sure("u"));
        boolean first = trust.begin("u");
        trust.end("u", false, first);
        assertFalse(trust.sure("u"));
        trust.end("u", true, trust.begin("u"));
        assertTrue(trust.sure("u"));
    }

    @Test
    void aCopyOlderThanTheSurveyIsBehind() {
        Schedule schedule = new Schedule();
        schedule.setMetadata(
                new ObjectMetaBuilder().withNamespace(World.NS).withName("s").build());
        Schedule stored = client.resource(schedule).create();
        Schedule newer = client.resource(stored).update();
        trust.survey();
        stored.getMetadata().setResourceVersion("0");
        assertTrue(trust.behind(stored));
        assertFalse(trust.behind(newer));
    }
}
