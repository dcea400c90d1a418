{{/* The default Tenant as environment of the operator: one variable for each value that is set. */}}
{{- define "wheelhouse.tenantEnv" -}}
{{- $t := .Values.tenant -}}
- name: WHEELHOUSE_TENANT_MAX_CONCURRENT_RUNS
  value: {{ $t.maxConcurrentRuns | int | toString | quote }}
- name: WHEELHOUSE_TENANT_ISOLATION
  value: {{ $t.isolation | quote }}
- name: WHEELHOUSE_TENANT_RUNTIME_REPLICAS
  value: {{ $t.runtime.replicas | int | toString | quote }}
- name: WHEELHOUSE_TENANT_RUNTIME_IDLE_SECONDS
  value: {{ $t.runtime.idleSeconds | int | toString | quote }}
- name: WHEELHOUSE_TENANT_RUNTIME_CPU
  value: {{ $t.runtime.cpu | quote }}
- name: WHEELHOUSE_TENANT_RUNTIME_MEMORY
  value: {{ $t.runtime.memory | quote }}
{{- range $name, $value := $t.limits }}
{{- if not (kindIs "invalid" $value) }}
- name: WHEELHOUSE_TENANT_LIMITS_{{ $name | snakecase | upper }}
  value: {{ $value | int64 | toString | quote }}
{{- end }}
{{- end }}
{{- end }}
