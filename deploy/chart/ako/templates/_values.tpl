{{- /* Values as the program reads them: a boolean or a number may be a text, and an empty one is none. */ -}}

{{- /* A value as text: texts as they are, everything else as JSON. Numbers are never written as 1e+06. */ -}}
{{- define "ako.text" -}}
{{- if kindIs "string" . -}}{{ . }}{{- else if kindIs "invalid" . -}}{{- else -}}{{ toJson . }}{{- end -}}
{{- end -}}

{{- /* Labels or annotations, of several mappings: of a name that several have, the first one counts. */ -}}
{{- define "ako.texts" -}}
{{- $texts := dict -}}
{{- range . -}}
  {{- range $name, $value := . -}}
    {{- if not (hasKey $texts $name) -}}{{- $_ := set $texts $name (include "ako.text" $value) -}}{{- end -}}
  {{- end -}}
{{- end -}}
{{- toYaml $texts -}}
{{- end -}}

{{- /* "true" for what the program takes for true, else nothing. */ -}}
{{- define "ako.isTrue" -}}
{{- if has (include "ako.text" . | trim | lower) (list "true" "yes" "on" "1" "t" "y") -}}true{{- end -}}
{{- end -}}

{{- define "ako.isFalse" -}}
{{- if has (include "ako.text" . | trim | lower) (list "false" "no" "off" "0" "f" "n") -}}true{{- end -}}
{{- end -}}

{{- /* A whole number; an empty one is the default: (list value default). */ -}}
{{- define "ako.number" -}}
{{- $text := include "ako.text" (first .) | trim -}}
{{- /* What begins with 0 is octal to templates, or nothing at all. */ -}}
{{- if $text -}}{{ regexReplaceAll "^(-?)0+([0-9])" $text "${1}${2}" | int64 }}{{- else -}}{{ last . }}{{- end -}}
{{- end -}}

{{- define "ako.port" -}}
{{ include "ako.number" (list (.Values.AKOSettings).apiServerPort 8080) }}
{{- end -}}

{{- define "ako.replicas" -}}
{{ include "ako.number" (list .Values.replicaCount 1) }}
{{- end -}}

{{- /* Whether one of several replicas would be elected: "true" or nothing. */ -}}
{{- define "ako.isElected" -}}
{{- if not (include "ako.isFalse" ((.Values.ako).leaderElection).enabled) -}}true{{- end -}}
{{- end -}}

{{- /* The value at a dotted key, as text: (list values key). */ -}}
{{- define "ako.at" -}}
{{- $found := first . -}}
{{- range splitList "." (last .) -}}
  {{- if kindIs "map" $found -}}{{- $found = get $found . -}}{{- else -}}{{- $found = "" -}}{{- end -}}
{{- end -}}
{{- include "ako.text" $found -}}
{{- end -}}

{{- /*
The data of a ConfigMap or Secret, as JSON: what the values set of the settings that are listed: (list root entries).
Of a key with older spellings the newest that is set counts. An empty value is none: the program's default counts.
*/ -}}
{{- define "ako.data" -}}
{{- $data := dict -}}
{{- $root := first . -}}
{{- range last . -}}
  {{- $key := .key -}}
  {{- range .from -}}
    {{- $text := include "ako.at" (list $root.Values .) -}}
    {{- if and (trim $text) (not (hasKey $data $key)) -}}{{- $_ := set $data $key $text -}}{{- end -}}
  {{- end -}}
{{- end -}}
{{- toJson $data -}}
{{- end -}}

{{- /* The settings of plugins, whose names only they know: every value below `ako.<plugin>`, by its whole key. */ -}}
{{- define "ako.leaves" -}}
{{- $leaves := dict -}}
{{- $above := first . -}}
{{- range $name, $value := last . -}}
  {{- $key := printf "%s.%s" $above $name -}}
  {{- if and (kindIs "map" $value) $value -}}
    {{- $leaves = merge $leaves (include "ako.leaves" (list $key $value) | fromJson) -}}
  {{- else -}}
    {{- $text := include "ako.text" $value -}}
    {{- if trim $text -}}{{- $_ := set $leaves $key $text -}}{{- end -}}
  {{- end -}}
{{- end -}}
{{- toJson $leaves -}}
{{- end -}}

{{- define "ako.configMap" -}}
{{- $settings := .Files.Get "files/settings.yaml" | fromYaml -}}
{{- $data := include "ako.data" (list . $settings.configMap) | fromJson -}}
{{- range $name, $section := .Values.ako -}}
  {{- if and (kindIs "map" $section) (not (has $name $settings.known)) -}}
    {{- $data = merge $data (include "ako.leaves" (list (printf "ako.%s" $name) $section) | fromJson) -}}
  {{- end -}}
{{- end -}}
{{- toJson $data -}}
{{- end -}}

{{- define "ako.secret" -}}
{{- $settings := .Files.Get "files/settings.yaml" | fromYaml -}}
{{- include "ako.data" (list . $settings.secret) -}}
{{- end -}}

{{- /* What the program reads at its start only: pods are replaced when one of these changes, and for no other. */ -}}
{{- define "ako.atStart" -}}
{{- $settings := .Files.Get "files/settings.yaml" | fromYaml -}}
{{- include "ako.data" (list . $settings.atStart) -}}
{{- end -}}

{{- /*
The names of the plugins that run, as JSON: a list, JSON text or `a, b`; with signs, what is added to the default list and left out of it.
*/ -}}
{{- define "ako.plugins" -}}
{{- $text := include "ako.at" (list .Values "ako.plugins.enabled") | trim -}}
{{- $default := (.Files.Get "files/rights.yaml" | fromYaml).plugins -}}
{{- $names := list -}}
{{- if hasPrefix "[" $text -}}
  {{- $names = fromJsonArray $text -}}
{{- else if $text -}}
  {{- range splitList "," $text -}}{{- with trim . -}}{{- $names = append $names . -}}{{- end -}}{{- end -}}
{{- else -}}
  {{- $names = $default -}}
{{- end -}}
{{- if regexMatch "^[+-]" (join "," $names | trim) -}}
  {{- $signed := $names -}}
  {{- $names = $default -}}
  {{- range $signed -}}
    {{- $name := . | trim -}}
    {{- $plain := regexReplaceAll "^[+-]" $name "" | trim -}}
    {{- if hasPrefix "-" $name -}}{{- $names = without $names $plain -}}
    {{- else if not (has $plain $names) -}}{{- $names = append $names $plain -}}{{- end -}}
  {{- end -}}
{{- end -}}
{{- toJson $names -}}
{{- end -}}

{{- /* Where the Avi Controller answers, as it is given, by the newest key that is set. */ -}}
{{- define "ako.controllerHost" -}}
{{- $host := include "ako.at" (list .Values "ControllerSettings.controllerHost") | trim -}}
{{- $host | default (include "ako.at" (list .Values "ControllerSettings.controllerIP") | trim) -}}
{{- end -}}

{{- /* The port of the Avi Controller: a host, host:port or a URL. What has several colons and no bracket is an IPv6 address. */ -}}
{{- define "ako.controllerPort" -}}
{{- $host := include "ako.controllerHost" . -}}
{{- $isPlain := hasPrefix "http://" (lower $host) -}}
{{- $place := regexReplaceAll "^[A-Za-z]+://" $host "" | trimSuffix "/" -}}
{{- $port := regexFind "^([^:]*|\\[.*\\]):[0-9]+$" $place | regexFind "[0-9]+$" -}}
{{- $port | default ($isPlain | ternary "80" "443") -}}
{{- end -}}
