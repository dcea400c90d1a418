package dev.wheelhouse.runtime.sandbox;

import dev.wheelhouse.api.v1alpha1.Tenant;
import dev.wheelhouse.core.effect.ToolPort;
import dev.wheelhouse.runtime.drive.PodIdentity;
import dev.wheelhouse.runtime.drive.RunDesk;
import dev.wheelhouse.runtime.egress.Egress;
import dev.wheelhouse.runtime.outbound.SecretFiles;
import dev.wheelhouse.runtime.store.ApiPermits;
import dev.wheelhouse.runtime.store.Hurry;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jboss.logging.Logger;

/** Everything of this process that has to do with sandboxes: the port they connect to, and the tools that use them. */
public final class SandboxHost implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(SandboxHost.class);

    /** Two seconds in which a node reports the address of a pod that it started. */
    private static final int LOOKS = 40;

    private final SandboxGateway gateway;
    private final SandboxTool tool;

    /**
     * What it is made of.
     *
     * @param port that sandboxes connect to; 0: any that is free
     * @param env of this process: where the API server is
     */
    public record Parts(
            KubernetesClient client,
            ApiPermits permits,
            PodIdentity pod,
            RunDesk desk,
            SecretFiles secrets,
            MeterRegistry registry,
            int port,
            Map<String, String> env) {}

    public SandboxHost(Parts parts) {
        this(
                parts,
                new TokenIdentity(parts.client(), parts.permits(), parts.pod().namespace(), System::nanoTime, LOOKS),
                RuntimeAddresses.of(
                        parts.client(),
                        parts.permits(),
                        parts.pod().namespace(),
                        parts.pod().name()),
                Isolation.ofThisPod(parts.env(), Path.of("/etc/resolv.conf")),
                new ProxyEgress(new Egress(parts.secrets(), never(parts.env())), () -> caBundle(parts)),
                BuiltinTool.COMING_UP);
    }

    SandboxHost(
            Parts parts,
            Identity identity,
            RuntimeAddresses addresses,
            Isolation isolation,
            SandboxEgress egress,
            Duration comingUp) {
        KubernetesClient client = parts.client();
        String namespace = parts.pod().namespace();
        SandboxMeters meters = new SandboxMeters(parts.registry());
        Sandboxes sandboxes = new Sandboxes(
                changed -> new PodWatch(client, namespace, changed), name -> read(parts, name), addresses::first);
        Hurry hurry = parts.permits().hurry();
        CallInPod calls = new CallInPod(sandboxes, parts.desk(), hurry);
        tool = new SandboxTool(
                new Acquisition(
                        sandboxes,
                        new WarmPods(client, parts.permits(), sandboxes, InstantSource.system()),
                        parts.desk(),
                        meters),
                calls,
                new InputFiles(client, parts.permits(), calls),
                new Artifacts(client, parts.permits(), parts.desk()),
                egress,
                hurry,
                meters,
                comingUp);
        gateway = new SandboxGateway(
                new SandboxGateway.Parts(sandboxes, identity, addresses, isolation, egress, meters), parts.port());
    }

    /** The tools. */
    public ToolPort tool() {
        return tool;
    }

    /** Opens the port. */
    public void start() throws IOException {
        gateway.start();
    }

    /** The port that is open. */
    public int port() {
        return gateway.port();
    }

    @Override
    public void close() {
        gateway.close();
    }

    private static Optional<SandboxPod> read(Parts parts, String name) {
        return Optional.ofNullable(parts.permits()
                        .call(() -> parts.client()
                                .pods()
                                .inNamespace(parts.pod().namespace())
                                .withName(name)
                                .get()))
                .map(SandboxPod::of);
    }

    private static String caBundle(Parts parts) {
        try {
            Tenant tenant = parts.permits()
                    .call(() -> parts.client()
                            .resources(Tenant.class)
                            .inNamespace(parts.pod().namespace())
                            .withName(Tenant.NAME)
                            .get());
            return tenant == null
                            || tenant.getSpec() == null
                            || tenant.getSpec().sandbox() == null
                    ? null
                    : tenant.getSpec().sandbox().caBundle();
        } catch (KubernetesClientException e) {
            LOG.warnf("Tenant's certificates: %s", e.getMessage());
            return null;
        }
    }

    /** The API server and this very pod: no rule of anybody lets a sandbox reach them. */
    private static Set<InetAddress> never(Map<String, String> env) {
        Set<InetAddress> never = new HashSet<>();
        String api = env.get("KUBERNETES_SERVICE_HOST");
        try {
            if (api != null) {
                never.add(InetAddress.ofLiteral(api));
            }
            NetworkInterface.networkInterfaces()
                    .flatMap(NetworkInterface::inetAddresses)
                    .forEach(never::add);
        } catch (SocketException | IllegalArgumentException e) {
            LOG.warnf("addresses that sandboxes must not reach: %s", e.getMessage());
        }
        return never;
    }
}
