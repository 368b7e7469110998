{{- define "ujuzi.labels" -}}
app.kubernetes.io/part-of: ujuzi
app.kubernetes.io/name: {{ .name }}
{{- end }}

{{- define "ujuzi.pod" -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  seccompProfile: {type: RuntimeDefault}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    whenUnsatisfiable: ScheduleAnyway
    labelSelector: {matchLabels: {app.kubernetes.io/name: {{ .name }}}}
{{- end }}

{{- define "ujuzi.contained" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
{{- end }}

{{- /* One program: name, module, kind (web or agent), env, and the volume of an agent (claim) or none. */ -}}
{{- define "ujuzi.program" -}}
{{- $port := ternary 8000 8021 (eq .kind "web") -}}
{{- $live := ternary "/health" "/status/live" (eq .kind "web") -}}
{{- $ready := ternary "/ready" "/status/ready" (eq .kind "web") -}}
metadata:
  labels: {{- include "ujuzi.labels" . | nindent 4 }}
    ujuzi/kind: {{ .kind }}
    ujuzi/party: {{ .party }}
spec:
  {{- include "ujuzi.pod" . | nindent 2 }}
  terminationGracePeriodSeconds: 45
  containers:
    - name: {{ .kind }}
      image: {{ required "image: expected NAME@sha256:…" .root.Values.image | quote }}
      command: [python, -m, {{ .module }}]
      {{- include "ujuzi.contained" . | nindent 6 }}
      envFrom:
        - secretRef: {name: {{ printf "ujuzi-%s" .secret }}}
      env:
        - {name: PGSSLMODE, value: verify-full}
        - {name: PGSSLROOTCERT, value: /run/postgres/ca.pem}
        {{- range $name, $value := .env }}
        - {name: {{ $name }}, value: {{ $value | toString | quote }}}
        {{- end }}
      ports:
        - {name: {{ .kind }}, containerPort: {{ $port }}}
        {{- if .root.Values.metrics.enabled }}
        - {name: metrics, containerPort: 9000}
        {{- end }}
      startupProbe: {httpGet: {path: {{ $live }}, port: {{ .kind }}}, periodSeconds: 2, failureThreshold: 60}
      livenessProbe: {httpGet: {path: {{ $live }}, port: {{ .kind }}}, periodSeconds: 20, timeoutSeconds: 10, failureThreshold: 6}
      readinessProbe: {httpGet: {path: {{ $ready }}, port: {{ .kind }}}, periodSeconds: 10, timeoutSeconds: 10}
      resources: {{- get .root.Values.resources .kind | toYaml | nindent 8 }}
      volumeMounts:
        - {name: tmp, mountPath: /tmp}
        - {name: data, mountPath: /data}
        - {name: ca, mountPath: /run/ujuzi, readOnly: true}
        - {name: postgres-ca, mountPath: /run/postgres, readOnly: true}
  volumes:
    - {name: tmp, emptyDir: {sizeLimit: 64Mi}}
    - {name: ca, configMap: {name: ujuzi-ca}}
    - {name: postgres-ca, configMap: {name: ujuzi-postgres-ca, optional: {{ eq .party "wallet" }}}}
    {{- if not .claim }}
    - {name: data, emptyDir: {sizeLimit: 1Gi}}
    {{- end }}
{{- end }}

{{- /* NATS as a program of this prefix and party reaches it. */ -}}
{{- define "ujuzi.nats" -}}
{{- $servers := list -}}
{{- range $number := until (int .root.Values.nats.replicas) -}}
{{- $servers = append $servers (printf "tls://ujuzi-nats-%d.ujuzi-nats:4222" $number) -}}
{{- end -}}
{{ .prefix }}_NATS_URL: {{ join "," $servers | quote }}
{{ .prefix }}_NATS_COPIES: {{ min 3 (int .root.Values.nats.replicas) }}
{{ .prefix }}_NATS_CA_FILE: /run/ujuzi/ca.pem
{{ .prefix }}_NATS_USER: {{ .party }}
{{- if .root.Values.metrics.enabled }}
{{ .prefix }}_METRICS_HOST: 0.0.0.0
{{ .prefix }}_METRICS_PORT: 9000
{{- end }}
{{- end }}
