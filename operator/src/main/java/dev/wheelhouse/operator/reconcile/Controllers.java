package dev.wheelhouse.operator.reconcile;

import dev.wheelhouse.api.v1alpha1.Api;
import dev.wheelhouse.api.v1alpha1.Approval;
import dev.wheelhouse.api.v1alpha1.ApprovalStatus;
import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.operator.kube.Pruned;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.api.config.ConfigurationService;
import io.javaoperatorsdk.operator.api.config.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.config.ControllerConfigurationOverrider;
import io.javaoperatorsdk.operator.api.config.ResolvedControllerConfiguration;
import io.javaoperatorsdk.operator.api.config.informer.FieldSelector;
import io.javaoperatorsdk.operator.api.config.informer.FieldSelectorBuilder;
import io.javaoperatorsdk.operator.api.config.informer.InformerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.processing.event.source.informer.TransformingItemStore;
import io.javaoperatorsdk.operator.processing.retry.GenericRetry;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * The controllers and their settings. In code, because the Quarkus extension refuses a field selector on an empty value,
 * and because the SDK's own defaults give up or fall asleep for hours.
 */
public record Controllers(
        RunReconciler runs,
        AgentReconciler agents,
        ModelReconciler models,
        ToolServerReconciler toolServers,
        TenantReconciler tenants,
        ScheduleReconciler schedules,
        ApprovalReconciler approvals) {
    private static final Duration FIRST_RETRY = Duration.ofMillis(500);
    private static final Duration LONGEST_RETRY = Duration.ofSeconds(30);
    /** Heals what was missed. Short also because each look leaves a cancelled timer in memory for as long. */
    private static final Duration AT_LEAST_EVERY = Duration.ofMinutes(3);

    private static final long PAGE = 500;

    /** Registers all of them, to watch {@code namespaces} (the SDK's names for all of them included). */
    public void register(Operator operator, Set<String> namespaces) {
        ConfigurationService sdk = operator.getConfigurationService();
        operator.register(runs, runs(sdk, namespaces));
        operator.register(
                agents, pruned(defaults(sdk, namespaces, agents), Pruned::agent).build());
        operator.register(models, defaults(sdk, namespaces, models).build());
        operator.register(toolServers, defaults(sdk, namespaces, toolServers).build());
        operator.register(tenants, defaults(sdk, namespaces, tenants).build());
        operator.register(
                schedules,
                pruned(defaults(sdk, namespaces, schedules), Pruned::schedule).build());
        operator.register(approvals, approvals(sdk, namespaces));
    }

    private ControllerConfiguration<Run> runs(ConfigurationService sdk, Set<String> namespaces) {
        // Status counts as much as spec: a status can release the run.
        var config = pruned(defaults(sdk, namespaces, runs), Pruned::run)
                .withGenerationAware(false)
                .withOnUpdateFilter(new RunFilter())
                .build();
        return selected(
                sdk,
                config,
                new FieldSelectorBuilder()
                        .withField(Api.FIELD_COMPLETION_TIME, "")
                        .build());
    }

    private ControllerConfiguration<Approval> approvals(ConfigurationService sdk, Set<String> namespaces) {
        var config =
                pruned(defaults(sdk, namespaces, approvals), Pruned::approval).build();
        var unsettled = new FieldSelectorBuilder();
        Arrays.stream(ApprovalStatus.Phase.values())
                .filter(phase -> phase != ApprovalStatus.Phase.Pending)
                .forEach(phase -> unsettled.withoutField(Api.FIELD_PHASE, phase.name()));
        return selected(sdk, config, unsettled.build());
    }

    /** The SDK has no public way to add a field selector to a configuration. */
    private static <T extends HasMetadata> ControllerConfiguration<T> selected(
            ConfigurationService sdk, ControllerConfiguration<T> config, FieldSelector selector) {
        return new ResolvedControllerConfiguration<>(
                config.getName(),
                config.isGenerationAware(),
                config.getAssociatedReconcilerClassName(),
                config.getRetry(),
                config.getRateLimiter(),
                config.maxReconciliationInterval().orElseThrow(),
                config.getFinalizerName(),
                null,
                config.fieldManager(),
                sdk,
                InformerConfiguration.builder(config.getInformerConfig())
                        .withFieldSelector(selector)
                        .buildForController(),
                false,
                null);
    }

    private static <T extends HasMetadata> ControllerConfigurationOverrider<T> defaults(
            ConfigurationService sdk, Set<String> namespaces, Reconciler<T> reconciler) {
        return ControllerConfigurationOverrider.override(sdk.getConfigurationFor(reconciler))
                .withRetry(new GenericRetry()
                        .setMaxAttempts(-1)
                        .setInitialInterval(FIRST_RETRY.toMillis())
                        .setIntervalMultiplier(2)
                        .setMaxInterval(LONGEST_RETRY.toMillis()))
                .settingNamespaces(namespaces)
                .withReconciliationMaxInterval(AT_LEAST_EVERY)
                .withInformerListLimit(PAGE);
    }

    /** A store of our own only where one watch serves the whole cluster: the SDK gives the same to all watches. */
    private static <T extends HasMetadata> ControllerConfigurationOverrider<T> pruned(
            ControllerConfigurationOverrider<T> config, UnaryOperator<T> prune) {
        return config.build().getInformerConfig().watchAllNamespaces()
                ? config.withItemStore(new TransformingItemStore<>(prune))
                : config;
    }
}
