package dev.wheelhouse.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Categories;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;

/**
 * Something a person must decide: a tool call, an effect of unknown outcome, or a question of the agent. Made by the
 * runtime, decided with {@code kubectl patch}, used once.
 */
@Group(Api.GROUP)
@Version(Api.VERSION)
@ShortNames("appr")
@Categories(Api.CATEGORY)
@JsonIgnoreProperties(ignoreUnknown = true)
@AdditionalPrinterColumn(name = "Run", jsonPath = ".spec.request.run.name", type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(
        name = "Tool",
        jsonPath = ".spec.request.tool.name",
        type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(
        name = "Summary",
        jsonPath = ".spec.request.summary",
        type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(
        name = "Requester",
        jsonPath = ".spec.request.requester",
        type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(name = "State", jsonPath = ".status.phase", type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(
        name = "Expires",
        jsonPath = ".spec.request.expiresAt",
        type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(
        name = "Age",
        jsonPath = ".metadata.creationTimestamp",
        type = AdditionalPrinterColumn.Type.DATE)
@AdditionalPrinterColumn(
        name = "Risk",
        jsonPath = ".spec.request.risk",
        type = AdditionalPrinterColumn.Type.STRING,
        priority = 1)
@AdditionalPrinterColumn(
        name = "Decided-By",
        jsonPath = ".status.decidedBy",
        type = AdditionalPrinterColumn.Type.STRING,
        priority = 1)
public class Approval extends CustomResource<ApprovalSpec, ApprovalStatus> implements Namespaced {}
