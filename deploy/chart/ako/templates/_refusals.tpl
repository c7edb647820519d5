{{- /* What cannot be done is said at once, with the reason; what the settings refuse is in values.schema.json. */ -}}
{{- define "ako.refusals" -}}
{{- if and (gt (include "ako.replicas" . | int) 1) (not (include "ako.isElected" .)) -}}
  {{- fail "replicaCount: several replicas would write at the same time: remove ako.leaderElection.enabled, which is false" -}}
{{- end -}}
{{- /* Below `ako` any name may be a plugin's; what is in the wrong place there would be public: it goes into the ConfigMap. */ -}}
{{- range $name, $_ := .Values.ako -}}
  {{- if or (eq $name "avicredentials") (and (regexMatch "^[A-Z]" $name) (hasKey $.Values $name)) -}}
    {{- fail (printf "ako.%s: is in the wrong place: write %s at the top level, and below `ako` only where this chart is a dependency of another" $name $name) -}}
  {{- end -}}
{{- end -}}
{{- if eq (include "ako.port" .) "0" -}}
  {{- fail "AKOSettings.apiServerPort: probes and metrics need a port that is known: give one from 1 to 65535" -}}
{{- end -}}
{{- if and .Values.existingSecret (not (regexMatch "^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$" .Values.existingSecret)) -}}
  {{- fail (printf "existingSecret: no Secret can be called %q: small letters, digits, - and . alone, with a letter or a digit at both ends" .Values.existingSecret) -}}
{{- end -}}
{{- if and .Values.existingSecret (ne (include "ako.secret" .) "{}") -}}
  {{- fail "existingSecret and avicredentials: give one of them: with existingSecret the credentials are those of that Secret" -}}
{{- end -}}
{{- end -}}
