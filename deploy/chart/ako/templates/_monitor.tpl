{{- /* A monitor of the Prometheus operator: (list root kind values ends), where `ends` is how this kind calls what is scraped. */ -}}
{{- define "ako.monitor" -}}
{{- $root := index . 0 -}}
{{- $kind := index . 1 -}}
{{- $monitor := index . 2 | default dict -}}
{{- $ends := index . 3 -}}
{{- if include "ako.isTrue" $monitor.enabled -}}
apiVersion: monitoring.coreos.com/v1
kind: {{ $kind }}
metadata:
  name: ako
  namespace: {{ $root.Release.Namespace | quote }}
  labels:
    {{- include "ako.texts" (list (include "ako.labels" $root | fromYaml) $monitor.labels) | nindent 4 }}
spec:
  selector:
    matchLabels:
      {{- include "ako.selector" $root | nindent 6 }}
  namespaceSelector:
    matchNames: [{{ $root.Release.Namespace | quote }}]
  {{ $ends }}:
    - port: http
      path: /metrics
      {{- with $monitor.interval }}
      interval: {{ . | quote }}
      {{- end }}
      {{- with $monitor.scrapeTimeout }}
      scrapeTimeout: {{ . | quote }}
      {{- end }}
{{- end }}
{{- end -}}
