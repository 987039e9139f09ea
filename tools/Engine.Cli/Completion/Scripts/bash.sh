# Completes "engine" in bash 3.2 and later: eval "$(engine completion bash)"
_engine() {
    local IFS=$'\n'
    COMPREPLY=($("$1" complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null | cut -f 1))
}

# Where there are no candidates, files are offered.
complete -o bashdefault -o default -F _engine engine
