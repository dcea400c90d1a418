package dev.wheelhouse.plugin;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import java.util.Objects;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** Where to: the options of kubectl, with the same meaning, before or behind the name of the command. */
final class Connection {
    @Option(
            names = {"-n", "--namespace"},
            paramLabel = "NAMESPACE",
            scope = ScopeType.INHERIT,
            description = "Namespace of the run. Default: that of the current context.")
    private String namespace;

    @Option(
            names = "--context",
            paramLabel = "CONTEXT",
            scope = ScopeType.INHERIT,
            description = "Context of the kubeconfig to use.")
    private String context;

    @Option(
            names = "--kubeconfig",
            paramLabel = "FILE",
            scope = ScopeType.INHERIT,
            description = "Kubeconfig to use. Default: as kubectl.")
    private String kubeconfig;

    @Option(
            names = "--as",
            paramLabel = "USER",
            scope = ScopeType.INHERIT,
            description = "User to impersonate, for those who may.")
    private String as;

    @Option(
            names = "--as-group",
            paramLabel = "GROUP",
            scope = ScopeType.INHERIT,
            description = "Group to impersonate; can be repeated.")
    private String[] asGroups;

    /** A client for the cluster; the caller closes it. */
    KubernetesClient open() {
        if (kubeconfig != null) {
            // Fabric8 has no other way to choose the file and still honour everything else that kubectl honours.
            System.setProperty(Config.KUBERNETES_KUBECONFIG_FILE, kubeconfig);
        }
        Config config = Config.autoConfigure(context);
        ClientKey.recognise(config);
        if (as != null) {
            config.setImpersonateUsername(as);
            config.setImpersonateGroups(asGroups == null ? new String[0] : asGroups);
        }
        config.setRequestRetryBackoffLimit(2);
        // A few requests gain nothing from HTTP/2, and the upgrade without TLS (kubectl proxy) can hang.
        config.setHttp2Disable(true);
        return new KubernetesClientBuilder()
                .withConfig(config)
                .withHttpClientFactory(new JdkHttpClientFactory())
                .build();
    }

    /** Namespace to look in. */
    String namespace(KubernetesClient client) {
        return Objects.requireNonNullElseGet(
                namespace, () -> Objects.requireNonNullElse(client.getNamespace(), "default"));
    }
}
