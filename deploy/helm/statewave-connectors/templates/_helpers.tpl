{{- define "connectors.name" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}{{ else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 50 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "connectors.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "connectors.testSelector" -}}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: test
{{- end }}

{{- define "connectors.labels" -}}
{{ include "connectors.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "connectors.image" -}}
{{- if .Values.image.digest }}{{ .Values.image.repository }}@{{ .Values.image.digest }}{{ else }}{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{ end }}
{{- end }}

{{- define "connectors.configMap" -}}
{{ .Values.existingConfigMap | default (include "connectors.name" .) }}
{{- end }}

{{- define "connectors.serviceAccount" -}}
{{ .Values.serviceAccount.name | default (include "connectors.name" .) }}
{{- end }}

{{- /* How long the pod takes webhooks after its end was ordered; part of the grace period. */}}
{{- define "connectors.preStopSeconds" -}}5{{- end }}

{{- /* The text of a table of `config`, such as "runner.state", from its header to the next one. */}}
{{- define "connectors.table" -}}
{{- $name := index . 1 | replace "." "[ \\t]*\\.[ \\t]*" }}
{{- regexFind (printf "(?ms)^[ \\t]*\\[[ \\t]*%s[ \\t]*\\][^\\n]*(\\n[ \\t]*([^\\[ \\t\\n][^\\n]*)?)*" $name) (index . 0) }}
{{- end }}

{{- /* `drain_timeout` of `config` in seconds, rounded up; its default where `config` is elsewhere or does not set it. */}}
{{- define "connectors.drainSeconds" -}}
{{- $set := include "connectors.table" (list .Values.config "runner") | regexFind "(?m)^[ \\t]*drain_timeout[ \\t]*=[ \\t]*[\"'][0-9]+(ms|s|m|h|d)[\"']" }}
{{- if or .Values.existingConfigMap (not $set) }}25{{ else }}
{{- $number := $set | regexFind "[0-9]+" | int }}
{{- $unit := $set | regexFind "(ms|s|m|h|d)[\"']$" | trimAll "\"'" }}
{{- if eq $unit "ms" }}{{ div (add $number 999) 1000 }}{{ else }}{{ mul $number (get (dict "s" 1 "m" 60 "h" 3600 "d" 86400) $unit) }}{{ end }}
{{- end }}
{{- end }}
