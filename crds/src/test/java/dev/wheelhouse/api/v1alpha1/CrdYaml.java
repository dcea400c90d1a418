package dev.wheelhouse.api.v1alpha1;

import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.crdv2.generator.CRDGenerator;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionVersion;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.api.model.apiextensions.v1.SelectableField;
import io.fabric8.kubernetes.api.model.apiextensions.v1.ValidationRule;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * Makes the CRD YAML from the API types and adds what the generator's annotations cannot say: list types, selectable
 * fields, rules on {@code metadata}, defaults of whole objects, descriptions of kinds and conditions.
 */
final class CrdYaml {
    private static final List<Class<? extends CustomResource<?, ?>>> KINDS = List.of(
            Agent.class, Run.class, Schedule.class, Model.class, ToolServer.class, Tenant.class, Approval.class);

    private static final Map<String, String> KIND_DESCRIPTIONS = Map.of(
            "Agent", "What an agent is: its model, instructions, tools and limits. Each Run is pinned to what it saw.",
            "Run", "One execution of an Agent: durable, bounded, and pinned to the specs it saw when it started.",
            "Schedule", "Runs an Agent at the times of a cron expression, once each, as a CronJob runs a Job.",
            "Model", "A language model: protocol, endpoint, key and prices.",
            "ToolServer", "A source of tools: HTTP calls declared here, or a server that speaks MCP.",
            "Approval", "Something a person must decide: a tool call, an effect in doubt, or a question of the agent.",
            "Tenant", "The platform team's contract for this namespace. One per namespace, named 'default'.");

    private static final Map<String, String> CONDITION_FIELDS = Map.of(
            "type", "Kind of condition, in CamelCase.",
            "status", "True, False or Unknown.",
            "reason", "Why, as one word in CamelCase; for machines.",
            "message", "Why, for people; names the field and the fix where there is one.",
            "lastTransitionTime", "When the status changed last.",
            "observedGeneration", "Generation of the spec that the condition speaks of.");

    /** What a pattern means, in the words of the message when it is not met: a regular expression helps nobody. */
    private static final Map<String, String> TIME_MEANINGS = Map.of(
            CronSyntax.RFC_3339,
            "must be a time in RFC 3339, such as '2026-12-31T08:00:00Z'",
            CronSyntax.ZONE,
            "must be a name of the IANA time zone database, such as 'Europe/Berlin'");

    private static final Map<String, String> PATTERN_MEANINGS = Map.ofEntries(
            Map.entry(
                    Names.DNS_1123,
                    "must be the name of an object in this namespace: lower case letters, digits, '-' and '.';"
                            + " a reference carries no namespace"),
            Map.entry(Names.KEY, "must be a key: letters, digits, '-', '_' and '.'"),
            Map.entry(Names.TOOL, "must be a tool's name: letters, digits, '_' and '-'"),
            Map.entry(Names.HEADER, "must be the name of an HTTP header, such as 'Authorization'"),
            Map.entry(
                    Names.URL,
                    "must be an http:// or https:// URL without user:password@; credentials belong into a Secret"),
            Map.entry(
                    Names.URL_TEMPLATE,
                    "must be an http:// or https:// URL whose scheme, host and port are fixed text, without user:password@;"
                            + " {name} may stand in the path and after it"),
            Map.entry(Names.CPU, "must be a quantity of CPU, such as '500m' or '2'"),
            Map.entry(Names.MEMORY, "must be a quantity of memory, such as '512Mi' or '2Gi'"),
            Map.entry(Names.SHA256, "must be 'sha256:' and 64 hexadecimal digits"),
            Map.entry(Names.IMAGE, "must be a reference of an image, such as registry.example.org/team/image:1"),
            Map.entry(Names.IMAGE_PATTERN, "must be a reference of an image, or the beginning of one followed by *"),
            Map.entry(Names.HOST, "must be a host name in lower case, without scheme, port or wildcard"),
            Map.entry(Names.HOST_PATTERN, "must be a host name in lower case, or *. and a domain"),
            Map.entry(Names.METHOD, "must be an HTTP method in upper case"),
            Map.entry(
                    Names.PATH, "must be a path that begins with /, without query; a * at the end stands for anything"),
            Map.entry(Names.CIDR, "must be a network such as 10.0.0.0/8 or fd00::/8"),
            Map.entry(Names.LABEL, "must be at most 63 lower-case letters, digits and -, as a name of a Service"),
            Map.entry(Names.FILE, "must be a relative path whose parts do not begin with a dot"));

    private CrdYaml() {}

    /** File name to content, for all kinds. */
    static Map<String, String> generate() throws IOException {
        Path dir = Files.createTempDirectory("crds");
        new CRDGenerator()
                .customResourceClasses(KINDS.toArray(Class[]::new))
                .forCRDVersions("v1")
                .withParallelGenerationEnabled(false)
                .inOutputDir(dir.toFile())
                .detailedGenerate();
        Map<String, String> files = new TreeMap<>();
        try (var generated = Files.list(dir)) {
            for (Path file : generated.toList()) {
                var crd = Serialization.unmarshal(Files.readString(file), CustomResourceDefinition.class);
                complete(crd);
                files.put(
                        crd.getSpec().getNames().getPlural() + ".yaml",
                        "# Generated from the types in src/main/java; `make crds` writes it anew.\n"
                                + Serialization.asYaml(crd));
            }
        }
        return files;
    }

    private static void complete(CustomResourceDefinition crd) {
        String kind = crd.getSpec().getNames().getKind();
        var version = crd.getSpec().getVersions().getFirst();
        JSONSchemaProps root = version.getSchema().getOpenAPIV3Schema();
        root.setDescription(KIND_DESCRIPTIONS.get(kind));
        root.setRequired(List.of("spec"));
        spec(root).setDescription("What is wanted.");
        property(root, "status").setDescription("What is observed. Written by the operator and the runtime only.");
        conditions(property(property(root, "status"), "conditions"));
        friendly(spec(root));
        orderColumns(kind, version);
        switch (kind) {
            case "Run" -> {
                // A child run adds a suffix, and pods and labels of a run carry its name: see CronJob's limit.
                rule(root, "size(self.metadata.name) <= 52", "metadata.name of a Run may have at most 52 characters");
                version.setSelectableFields(List.of(
                        new SelectableField("." + Api.FIELD_THREAD),
                        new SelectableField("." + Api.FIELD_HOLDER),
                        new SelectableField("." + Api.FIELD_COMPLETION_TIME)));
            }
            case "Approval" -> {
                property(spec(root), "decisions").setMaxProperties(16L);
                property(property(root, "status"), "observedDecisions").setMaxProperties(16L);
                property(property(root, "status"), "invalidDecisions").setMaxProperties(16L);
                version.setSelectableFields(List.of(new SelectableField("." + Api.FIELD_PHASE)));
            }
            case "Schedule" -> {
                rule(
                        root,
                        "size(self.metadata.name) <= " + Schedule.MAX_NAME,
                        "metadata.name of a Schedule may have at most " + Schedule.MAX_NAME
                                + " characters: the names of its Runs add the time");
                JSONSchemaProps counts = property(property(root, "status"), "counts");
                mergesBy(property(counts, "missedByReason"), "reason");
                mergesBy(property(counts, "skippedByReason"), "reason");
            }
            case "Tenant" -> {
                rule(
                        root,
                        "self.metadata.name == '" + Tenant.NAME + "'",
                        "a namespace has one Tenant, and its metadata.name is 'default'");
                property(spec(root), "runtime")
                        .setDefault(Serialization.jsonMapper().createObjectNode());
                property(spec(root), "journal")
                        .setDefault(Serialization.jsonMapper().createObjectNode());
            }
            default -> {}
        }
    }

    /** kubectl shows columns in the order of the list; the generator sorts them by path, the types say what is read first. */
    private static void orderColumns(String kind, CustomResourceDefinitionVersion version) {
        var declared = KINDS.stream()
                .filter(type -> type.getSimpleName().equals(kind))
                .flatMap(type -> Arrays.stream(type.getAnnotationsByType(AdditionalPrinterColumn.class)))
                .map(AdditionalPrinterColumn::name)
                .toList();
        version.getAdditionalPrinterColumns().sort(Comparator.comparing(column -> declared.indexOf(column.getName())));
    }

    /** Conditions merge by type, as in every built-in kind, and are bounded as metav1.Condition is. */
    private static void conditions(JSONSchemaProps list) {
        mergesBy(list, "type");
        JSONSchemaProps item = list.getItems().getSchema();
        item.setRequired(List.of("type", "status"));
        item.getProperties().forEach((name, field) -> {
            field.setDescription(CONDITION_FIELDS.get(name));
            if ("string".equals(field.getType())) {
                field.setMaxLength(name.equals("message") ? 32768L : 316L);
            }
        });
    }

    /** Its items are one for each value of {@code key}. */
    private static void mergesBy(JSONSchemaProps list, String key) {
        list.setXKubernetesListType("map");
        list.setXKubernetesListMapKeys(List.of(key));
    }

    /** Free-form fields are objects, and a pattern that is not met is explained in words. */
    private static void friendly(JSONSchemaProps schema) {
        if (Boolean.TRUE.equals(schema.getXKubernetesPreserveUnknownFields())) {
            schema.setType("object");
        }
        if (schema.getPattern() != null) {
            String pattern = schema.getPattern();
            rule(
                    schema,
                    "self.matches(r'" + pattern.replace("'", "\\x27") + "')",
                    Objects.requireNonNull(
                            PATTERN_MEANINGS.getOrDefault(pattern, TIME_MEANINGS.get(pattern)), pattern));
            schema.setPattern(null);
        }
        schema.getProperties().values().forEach(CrdYaml::friendly);
        if (schema.getItems() != null) {
            friendly(schema.getItems().getSchema());
        }
    }

    private static void rule(JSONSchemaProps schema, String rule, String message) {
        var rules = new ArrayList<>(schema.getXKubernetesValidations());
        var added = new ValidationRule();
        added.setRule(rule);
        added.setMessage(message);
        rules.add(added);
        schema.setXKubernetesValidations(rules);
    }

    private static JSONSchemaProps spec(JSONSchemaProps root) {
        return property(root, "spec");
    }

    private static JSONSchemaProps property(JSONSchemaProps schema, String name) {
        return schema.getProperties().get(name);
    }
}
