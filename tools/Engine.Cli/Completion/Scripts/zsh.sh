#compdef engine
# Completes "engine" in zsh: eval "$(engine completion zsh)" after compinit, or this text as the file _engine in $fpath.
_engine() {
    local -a candidates
    candidates=("${(@f)$("${words[1]}" complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
    if [[ -z "${candidates[1]}" ]]; then
        _files
    else
        # Names and descriptions are separated by a tab there, and by a colon here.
        candidates=("${(@)candidates//:/\\:}")
        candidates=("${(@)candidates/$'\t'/:}")
        _describe engine candidates
    fi
}

if [[ "${funcstack[1]}" == _engine ]]; then
    _engine "$@"
else
    compdef _engine engine
fi
