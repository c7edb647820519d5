{{- /*
The rules of a role: what `ako rbac` prints for the plugins that run: (list root entries extra).
A right is taken if one of the plugins of `for` runs and none of `unless`; without `for` it is the core's.
*/ -}}
{{- define "ako.rules" -}}
{{- $root := index . 0 -}}
{{- $plugins := include "ako.plugins" $root | fromJsonArray -}}
{{- $isElected := include "ako.isElected" $root -}}
{{- $rules := list -}}
{{- range index . 1 -}}
  {{- $isTaken := not .for -}}
  {{- range .for -}}{{- if has . $plugins -}}{{- $isTaken = true -}}{{- end -}}{{- end -}}
  {{- range .unless -}}{{- if has . $plugins -}}{{- $isTaken = false -}}{{- end -}}{{- end -}}
  {{- if and .election (not $isElected) -}}{{- $isTaken = false -}}{{- end -}}
  {{- if $isTaken -}}
    {{- $names := dict -}}
    {{- with .name -}}
      {{- $names = dict "resourceNames" (list (eq . "avi-secret" | ternary (include "ako.secretName" $root) .)) -}}
    {{- end -}}
    {{- $rules = append $rules (merge (dict "apiGroups" (list .group) "resources" (list .resource) "verbs" .verbs) $names) -}}
  {{- end -}}
{{- end -}}
{{- toYaml (concat $rules (index . 2 | default list)) -}}
{{- end -}}
