{{/* Names are fixed, not derived from the release: there is one Wheelhouse per cluster, and policies name them. */}}
{{- define "wheelhouse.labels" -}}
app.kubernetes.io/name: wheelhouse
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | quote }}
{{- end }}

{{- define "wheelhouse.selector" -}}
app.kubernetes.io/name: wheelhouse
app.kubernetes.io/component: operator
{{- end }}

{{- define "wheelhouse.operatorImage" -}}
{{ .Values.operator.image | default (printf "%s/operator:%s" .Values.image.registry .Values.image.tag) }}
{{- end }}

{{- define "wheelhouse.runtimeImage" -}}
{{ .Values.runtime.image | default (printf "%s/runtime:%s" .Values.image.registry .Values.image.tag) }}
{{- end }}

{{- define "wheelhouse.sandboxImage" -}}
{{ .Values.sandbox.image | default (printf "%s/sandbox:%s" .Values.image.registry .Values.image.tag) }}
{{- end }}

{{- define "wheelhouse.daemonImage" -}}
{{ .Values.sandbox.daemonImage | default (printf "%s/sandboxd:%s" .Values.image.registry .Values.image.tag) }}
{{- end }}

{{- define "wheelhouse.operatorUser" -}}
system:serviceaccount:{{ .Release.Namespace }}:wheelhouse-operator
{{- end }}

{{/* CEL: the caller is the operator. */}}
{{- define "wheelhouse.cel.isOperator" -}}
request.userInfo.username == '{{ include "wheelhouse.operatorUser" . }}'
{{- end }}

{{/* CEL: the caller is a runtime pod of the object's namespace. The pod claim is put in by the API server for tokens
that the kubelet mounts into a pod; somebody who impersonates the service account does not have it. */}}
{{- define "wheelhouse.cel.isRuntime" -}}
request.userInfo.username == 'system:serviceaccount:' + request.namespace + ':wheelhouse-runtime'
{{- if .Values.policies.podBoundRuntime }} && has(request.userInfo.extra) && 'authentication.kubernetes.io/pod-name' in request.userInfo.extra{{ end }}
{{- end }}

{{/* CEL: the caller is one of Kubernetes' own controllers (garbage collector, namespace controller, ...). */}}
{{- define "wheelhouse.cel.isController" -}}
request.userInfo.username == 'system:kube-controller-manager' || request.userInfo.username.startsWith('system:serviceaccount:kube-system:')
{{- end }}

{{/* CEL: the caller holds the break-glass verb. No role of this chart grants it; cluster-admin has it by '*'. */}}
{{- define "wheelhouse.cel.breakGlass" -}}
authorizer.group('wheelhouse.dev').resource('tenants').namespace(request.namespace).check('administer').allowed()
{{- end }}

{{/* A binding that denies, for the policy of the same name. */}}
{{- define "wheelhouse.binding" -}}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata:
  name: {{ .name }}
  labels:
    {{- include "wheelhouse.labels" .root | nindent 4 }}
spec:
  policyName: {{ .name }}
  validationActions: [Deny]
{{- end }}
