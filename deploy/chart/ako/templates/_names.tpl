{{- /* Names are fixed: the program and the tools around it look for objects by them. Labels tell releases apart. */ -}}

{{- define "ako.selector" -}}
app.kubernetes.io/name: {{ .Values.nameOverride | default "ako" | trunc 63 | trimSuffix "-" | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end -}}

{{- define "ako.labels" -}}
{{ include "ako.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/component: controller
app.kubernetes.io/part-of: ako
app.kubernetes.io/managed-by: {{ .Release.Service | quote }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | quote }}
{{- end -}}

{{- /* A cluster may have several installations, in a namespace each: what is cluster-wide bears the namespace. */ -}}
{{- define "ako.clusterName" -}}
{{ printf "ako-%s" .Release.Namespace }}
{{- end -}}

{{- define "ako.serviceAccountName" -}}
{{ (.Values.serviceAccount).name | default "ako-sa" }}
{{- end -}}

{{- define "ako.secretName" -}}
{{ .Values.existingSecret | default "avi-secret" }}
{{- end -}}

{{- define "ako.image" -}}
{{- $name := (.Values.image).repository | default "ako" -}}
{{- if (.Values.image).digest -}}
{{ printf "%s@%s" $name (.Values.image).digest }}
{{- else -}}
{{ printf "%s:%s" $name (include "ako.text" (.Values.image).tag | default .Chart.AppVersion) }}
{{- end -}}
{{- end -}}
