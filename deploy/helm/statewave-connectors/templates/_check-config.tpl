{{- /* Refuses a `config` that does not fit the other values. */}}
{{- define "connectors.checkConfig" -}}
{{- $kinds := "(?m)^[ \\t]*kind[ \\t]*=[ \\t]*[\"'](file|postgres|redis|memory)[\"']" }}
{{- $kind := include "connectors.table" (list .Values.config "runner.state") | regexFind $kinds }}
{{- $inbox := include "connectors.table" (list .Values.config "runner.inbox") | regexFind $kinds }}

{{- /* Dotted keys and inline tables are not read here: what they may set is not checked. */}}
{{- $runner := include "connectors.table" (list .Values.config "runner") }}
{{- $hasDottedRunner := regexMatch "(?m)^[ \\t]*runner[ \\t]*[.=]" .Values.config }}
{{- $hasDottedState := or $hasDottedRunner (regexMatch "(?m)^[ \\t]*state[ \\t]*[.=]" $runner) }}
{{- $hasDottedAdmin := or $hasDottedRunner (regexMatch "(?m)^[ \\t]*admin[ \\t]*[.=]" $runner) }}

{{- $readsKind := or $kind (not $hasDottedState) }}
{{- if and $readsKind (eq .Values.state.kind "file") (not (contains "file" $kind)) }}
{{- fail "state.kind is file: set kind = \"file\" in [runner.state] of config, or state.kind to shared" }}
{{- end }}
{{- if and $readsKind (eq .Values.state.kind "shared") (not (regexMatch "postgres|redis" $kind)) }}
{{- fail "state.kind is shared: set kind = \"postgres\" or \"redis\" in [runner.state] of config" }}
{{- end }}
{{- if and (eq .Values.state.kind "shared") (regexMatch "file|memory" $inbox) }}
{{- fail "state.kind is shared: webhooks in the inbox of one process are lost with its pod; remove kind from [runner.inbox] of config" }}
{{- end }}

{{- $needed := add (include "connectors.drainSeconds" .) (include "connectors.preStopSeconds" .) }}
{{- if and (not $hasDottedRunner) (le (int64 .Values.terminationGracePeriodSeconds) $needed) }}
{{- fail (printf "terminationGracePeriodSeconds is %d: set more than %d, which are drain_timeout of config and the %s s before it" (int64 .Values.terminationGracePeriodSeconds) $needed (include "connectors.preStopSeconds" .)) }}
{{- end }}

{{- if and (not .Values.existingSecret) (contains "/run/secrets/statewave-connectors" .Values.config) }}
{{- fail "config reads files of /run/secrets/statewave-connectors: set existingSecret to the Secret that holds them" }}
{{- end }}

{{- /* A port that comes from a variable is not known here. */}}
{{- $port := $runner | regexFind "(?m)^[ \\t]*port[ \\t]*=[^\\n#]*" | splitList "=" | last | trim | default "3000" }}
{{- if and (not $hasDottedRunner) (regexMatch "^[0-9]+$" $port) (ne (int $port) (int .Values.ports.webhooks)) }}
{{- fail (printf "ports.webhooks is %d: set it to %s, the port in [runner] of config" (int .Values.ports.webhooks) $port) }}
{{- end }}
{{- $listen := include "connectors.table" (list .Values.config "runner.admin") | regexFind "(?m)^[ \\t]*listen[ \\t]*=[^\\n#]*" }}
{{- $adminPort := $listen | regexFind "[0-9]+[\"']" | trimAll "\"'" }}
{{- if and $adminPort (ne (int $adminPort) (int .Values.ports.admin)) }}
{{- fail (printf "ports.admin is %d: set it to %s, the port of listen in [runner.admin] of config" (int .Values.ports.admin) $adminPort) }}
{{- end }}
{{- $readsListen := or $listen (not $hasDottedAdmin) }}
{{- if and $readsListen .Values.monitoring.serviceMonitor.enabled (or (not $listen) (regexMatch "127\\.0\\.0\\.1|localhost|\\[::1\\]" $listen)) }}
{{- fail (printf "monitoring.serviceMonitor scrapes the admin port: set listen = \"0.0.0.0:%d\" in [runner.admin] of config" (int .Values.ports.admin)) }}
{{- end }}
{{- end }}
