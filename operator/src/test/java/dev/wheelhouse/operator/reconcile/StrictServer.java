package dev.wheelhouse.operator.reconcile;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.wheelhouse.api.v1alpha1.Agent;
import dev.wheelhouse.api.v1alpha1.Approval;
import dev.wheelhouse.api.v1alpha1.Model;
import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.api.v1alpha1.Schedule;
import dev.wheelhouse.api.v1alpha1.Tenant;
import dev.wheelhouse.api.v1alpha1.ToolServer;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.StatusBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.CustomResourceDefinitionContext;
import io.fabric8.kubernetes.client.server.mock.KubernetesCrudDispatcher;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.fabric8.mockwebserver.Context;
import io.fabric8.mockwebserver.MockWebServer;
import io.fabric8.mockwebserver.crud.AttributeSet;
import io.fabric8.mockwebserver.http.MockResponse;
import io.fabric8.mockwebserver.http.RecordedRequest;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The Fabric8 mock with what it lacks and this code rests on: a lock on PUT /status, the field selectors of Run, and a
 * record of who wrote what.
 */
final class StrictServer implements AutoCloseable {
    static final String TEST_AGENT = "the-test";
    private static final int PATIENCE_MILLIS = 90_000;
    private static final String FINISHED = "finished";
    private static final String SETTLED = "settled";

    /** A write that reached the server. */
    record Write(String method, String path, int code) {}

    /** Users who may create Runs. */
    final Set<String> authors = ConcurrentHashMap.newKeySet();

    final List<Write> writes = new CopyOnWriteArrayList<>();
    /** Changes what is stored, once, just before the next PUT of a run's status by the operator is looked at. */
    final AtomicReference<Consumer<ObjectNode>> beforeStatus = new AtomicReference<>();

    /** Whether the admission policies of approvals are there, as a dry run of a forgery finds out. */
    volatile boolean policies = true;

    /** Why pods of the operator are refused, or null. */
    volatile String podsRefused;

    private final KubernetesMockServer server;

    StrictServer() {
        List<CustomResourceDefinitionContext> kinds = Stream.of(
                        Run.class,
                        Agent.class,
                        Model.class,
                        ToolServer.class,
                        Tenant.class,
                        Schedule.class,
                        Approval.class)
                .map(CustomResourceDefinitionContext::fromCustomResourceType)
                .toList();
        server = new KubernetesMockServer(
                new Context(Serialization.jsonMapper()),
                new MockWebServer(),
                new HashMap<>(),
                new Strict(kinds),
                false);
        server.init();
    }

    /** Writes to paths with this in them. */
    List<Write> writes(String part) {
        return writes.stream().filter(write -> write.path().contains(part)).toList();
    }

    KubernetesClient client(String userAgent) {
        KubernetesClient plain = server.createClient(builder -> {});
        var config = plain.getConfiguration();
        plain.close();
        config.setUserAgent(userAgent);
        // A request that takes long on a busy machine must not be given up and sent once more.
        config.setRequestTimeout(PATIENCE_MILLIS);
        config.setConnectionTimeout(PATIENCE_MILLIS);
        config.setMaxConcurrentRequestsPerHost(64);
        return new io.fabric8.kubernetes.client.KubernetesClientBuilder()
                .withConfig(config)
                .build();
    }

    @Override
    public void close() {
        server.destroy();
    }

    private final class Strict extends KubernetesCrudDispatcher {
        Strict(List<CustomResourceDefinitionContext> kinds) {
            super(kinds);
        }

        /** A dry run is a forgery of the operator: refused by the policy, or let through, and never stored. */
        private MockResponse forgery(RecordedRequest request, String policy) {
            if (policies) {
                return forbidden(
                        "ValidatingAdmissionPolicy '" + policy + "' with binding '" + policy + "' denied request: no");
            }
            return new MockResponse()
                    .setResponseCode(200)
                    .setBody(
                            "PUT".equals(request.getMethod()) || "POST".equals(request.getMethod())
                                    ? "{}"
                                    : findResource(getKey(path(request))).getValue());
        }

        private static MockResponse forbidden(String message) {
            return new MockResponse()
                    .setResponseCode(403)
                    .setBody(Serialization.asJson(new StatusBuilder()
                            .withCode(403)
                            .withReason("Forbidden")
                            .withMessage(message)
                            .build()));
        }

        private static boolean dry(RecordedRequest request) {
            return request.getPath().contains("dryRun=All");
        }

        private static String path(RecordedRequest request) {
            return request.getPath().replaceAll("[?].*", "");
        }

        @Override
        public MockResponse handleCreate(RecordedRequest request) {
            if (dry(request)) {
                return forgery(request, "wheelhouse-approval-origin");
            }
            if (request.getPath().endsWith("/localsubjectaccessreviews")) {
                return review(new String(request.getBody().getBytes(), StandardCharsets.UTF_8));
            }
            String refused = podsRefused;
            if (refused != null && request.getPath().endsWith("/pods") && operators(request)) {
                return noted(request, forbidden(refused));
            }
            MockResponse created = super.handleCreate(request);
            if (request.getPath().endsWith("/services") && created.code() < 300) {
                edit(
                        request.getPath() + "/"
                                + json(new String(created.getBody().getBytes(), StandardCharsets.UTF_8))
                                        .at("/metadata/name")
                                        .asText(),
                        service -> ((ObjectNode) service.get("spec")).put("clusterIP", "10.96.0.7"));
            }
            return noted(request, created);
        }

        @Override
        public MockResponse handlePatch(RecordedRequest request) {
            if (dry(request)) {
                return forgery(request, "wheelhouse-approval-decisions");
            }
            return noted(request, request.getPath().contains("/pods/") ? merged(request) : super.handlePatch(request));
        }

        /** A locked merge patch as RFC 7386 has it: the mock's own joins lists. */
        private MockResponse merged(RecordedRequest request) {
            JsonNode patch = json(new String(request.getBody().getBytes(), StandardCharsets.UTF_8));
            Map.Entry<AttributeSet, String> current = findResource(getKey(request.getPath()));
            if (current == null) {
                return new MockResponse().setResponseCode(404);
            }
            if (patch.at("/metadata").has("resourceVersion")
                    && !patch.at("/metadata/resourceVersion").asText().equals(version(current.getValue()))) {
                return conflict();
            }
            edit(request.getPath(), stored -> merge(stored, patch));
            return new MockResponse()
                    .setResponseCode(200)
                    .setBody(findResource(getKey(request.getPath())).getValue());
        }

        private static void merge(ObjectNode into, JsonNode patch) {
            patch.properties().forEach(field -> {
                if (field.getValue().isObject() && into.path(field.getKey()).isObject()) {
                    merge((ObjectNode) into.get(field.getKey()), field.getValue());
                } else {
                    into.set(field.getKey(), field.getValue());
                }
            });
        }

        @Override
        public MockResponse dispatch(RecordedRequest request) {
            MockResponse response = super.dispatch(request);
            return "DELETE".equals(request.getMethod()) && request.getPath().contains("/pods/")
                    ? noted(request, response)
                    : response;
        }

        @Override
        public MockResponse handleUpdate(RecordedRequest request) {
            if (dry(request)) {
                return forgery(request, "wheelhouse-approval-status");
            }
            if (request.getPath().contains("/runs/") && request.getPath().endsWith("/status") && operators(request)) {
                Consumer<ObjectNode> meanwhile = beforeStatus.getAndSet(null);
                if (meanwhile != null) {
                    edit(request.getPath(), meanwhile);
                }
            }
            return noted(request, stale(request) ? conflict() : super.handleUpdate(request));
        }

        private MockResponse review(String body) {
            ObjectNode review = (ObjectNode) json(body);
            review.putObject("status")
                    .put("allowed", authors.contains(review.at("/spec/user").asText()));
            return new MockResponse().setResponseCode(201).setBody(review.toString());
        }

        private void edit(String path, Consumer<ObjectNode> change) {
            Map.Entry<AttributeSet, String> current = findResource(getKey(path));
            ObjectNode stored = (ObjectNode) json(current.getValue());
            change.accept(stored);
            ObjectNode meta = (ObjectNode) stored.get("metadata");
            meta.put("generation", meta.get("generation").asLong() + 1);
            meta.put("resourceVersion", String.valueOf(requestResourceVersion()));
            processEvent(path, getKey(path), current.getKey(), null, stored.toString());
        }

        private MockResponse noted(RecordedRequest request, MockResponse response) {
            if (operators(request)) {
                writes.add(new Write(request.getMethod(), request.getPath(), response.code()));
            }
            return response;
        }

        private boolean operators(RecordedRequest request) {
            return !TEST_AGENT.equals(request.getHeader("User-Agent"));
        }

        private boolean stale(RecordedRequest request) {
            if (!request.getPath().endsWith("/status")) {
                return false;
            }
            Map.Entry<AttributeSet, String> current = findResource(getKey(request.getPath()));
            String sent = version(new String(request.getBody().getBytes(), StandardCharsets.UTF_8));
            return current != null && !sent.isEmpty() && !sent.equals(version(current.getValue()));
        }

        private JsonNode json(String text) {
            try {
                return Serialization.jsonMapper().readTree(text);
            } catch (JsonProcessingException e) {
                throw new IllegalArgumentException(e);
            }
        }

        private String version(String text) {
            return json(text).path("metadata").path("resourceVersion").asText("");
        }

        private MockResponse conflict() {
            return new MockResponse()
                    .setResponseCode(409)
                    .setBody(Serialization.asJson(new StatusBuilder()
                            .withCode(409)
                            .withReason("Conflict")
                            .build()));
        }

        @Override
        public MockResponse handleGet(String path) {
            // The mock knows only label selectors: a label of its index stands for the selectable field.
            return super.handleGet(path.replaceAll("fieldSelector=status.phase[^&]*", "labelSelector=%21" + SETTLED)
                    .replace("fieldSelector=status.completionTime%21%3D", "labelSelector=" + FINISHED)
                    .replace("fieldSelector=status.completionTime%3D", "labelSelector=%21" + FINISHED));
        }

        @Override
        public void processEvent(
                String path,
                AttributeSet pathAttributes,
                AttributeSet oldAttributes,
                GenericKubernetesResource resource,
                String newState) {
            GenericKubernetesResource indexed = resource;
            if (newState != null) {
                indexed = Serialization.unmarshal(newState, GenericKubernetesResource.class);
                JsonNode status = json(newState).path("status");
                if (!status.path("completionTime").asText("").isEmpty()) {
                    label(indexed, FINISHED);
                }
                String phase = status.path("phase").asText("Pending");
                if ("Approval".equals(indexed.getKind()) && !"Pending".equals(phase)) {
                    label(indexed, SETTLED);
                }
            }
            super.processEvent(path, pathAttributes, oldAttributes, indexed, newState);
        }

        private static void label(GenericKubernetesResource indexed, String label) {
            Map<String, String> labels = new HashMap<>(
                    indexed.getMetadata().getLabels() == null
                            ? Map.of()
                            : indexed.getMetadata().getLabels());
            labels.put(label, "true");
            indexed.getMetadata().setLabels(labels);
        }
    }
}
