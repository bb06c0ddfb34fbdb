"""The shell functions behind completion; a shell is told to call `_mlxp_add` and `_mlxp_remove`.

Each shell has a list of the scripts that are installed. A line that runs none of them is completed as before.
"""

from __future__ import annotations

BASH = r"""
_mlxp_complete() {
    local -a words=() found=()
    local rest=${COMP_LINE:0:COMP_POINT} part raw current prefix script='' python=''
    # Readline has cut words at = and : and the like; where the line has no blank they belong together.
    for part in "${COMP_WORDS[@]:0:COMP_CWORD}"; do
        if [[ $rest == [[:space:]]* ]] || ((${#words[@]} == 0)); then
            words+=("$part")
        else
            words[-1]+=$part
        fi
        rest=${rest#*"$part"}
    done
    raw=${rest#"${rest%%[![:space:]]*}"}
    if [[ $rest != [[:space:]]* ]] && ((${#words[@]})); then
        raw=${words[-1]}$raw
        unset 'words[-1]'
    fi
    _mlxp_find "${words[@]}"
    if [[ -z $script ]]; then
        _mlxp_otherwise "$@"
        return 0
    fi
    rest=${COMP_LINE:0:COMP_POINT}
    mapfile -t found < <(
        COMP_LINE=$rest COMP_POINT=${#rest} "$python" "$script" -sc query=bash 2>/dev/null </dev/null
    )
    # What readline replaces begins where it has cut.
    current=${raw//[\"\'\\]/}
    part=${2//[\"\'\\]/}
    prefix=${current%"$part"}
    COMPREPLY=()
    for part in "${found[@]}"; do
        [[ $part == "$current"* ]] || continue
        part=${part#"$prefix"}
        [[ $raw == *[\"\']* || $part != *[!A-Za-z0-9_./=,:+@%~-]* ]] || printf -v part %q "$part"
        COMPREPLY+=("$part")
    done
    [[ ${#COMPREPLY[@]} -ne 1 || $COMPREPLY != *[=./] ]] || compopt -o nospace
    return 0
}

# Set `script` and `python` where the words run an installed script.
_mlxp_find() {
    local word index place=0
    for word in "$@"; do
        word=${word//[\"\'\\]/}
        [[ $word != \~/* ]] || word=$HOME/${word#*/}
        place=$((place + 1))
        [[ $word != -[cm] ]] || return 0
        [[ $word != -* && -f $word ]] || continue
        for index in "${!_mlxp_scripts[@]}"; do
            if [[ $word -ef ${_mlxp_scripts[index]} ]]; then
                script=${_mlxp_scripts[index]} python=${_mlxp_pythons[index]}
            fi
        done
        # A first word that is no script is the interpreter; the first file behind it is the script.
        [[ -z $script && $place == 1 && $word != *.py ]] || return 0
    done
}

# Complete as before the first script was installed; without that, bash offers files.
_mlxp_otherwise() {
    local spec=${_mlxp_previous[${1##*/}]-} options
    [[ -n $spec ]] || return 0
    spec=${spec#complete } spec=${spec% *} options=$spec
    while [[ $options =~ -o\ ([a-z]+)(.*) ]]; do
        compopt -o "${BASH_REMATCH[1]}"
        options=${BASH_REMATCH[2]}
    done
    if [[ $spec =~ -F\ ([^ ]+) ]]; then
        "${BASH_REMATCH[1]}" "$@"
    else
        mapfile -t COMPREPLY < <(eval "compgen $spec -- \"\$2\"" 2>/dev/null)
    fi
}

_mlxp_add() {
    local name spec
    declare -ga _mlxp_scripts _mlxp_pythons
    declare -gA _mlxp_previous
    _mlxp_scripts+=("$1") _mlxp_pythons+=("$2")
    for name in "${@:3}"; do
        spec=$(complete -p -- "$name" 2>/dev/null)
        if [[ -z $spec ]]; then
            # The package bash-completion loads what it has for a command when that is first completed.
            if declare -F _comp_load >/dev/null; then
                _comp_load "$name"
            elif declare -F _completion_loader >/dev/null; then
                _completion_loader "$name"
            fi &>/dev/null
            spec=$(complete -p -- "$name" 2>/dev/null)
        fi
        [[ $spec == *_mlxp_complete* ]] || _mlxp_previous[$name]=$spec
        complete -o bashdefault -o default -F _mlxp_complete -- "$name"
    done
}

_mlxp_remove() {
    local index name
    for index in "${!_mlxp_scripts[@]}"; do
        [[ ${_mlxp_scripts[index]} != "$1" ]] || unset "_mlxp_scripts[index]" "_mlxp_pythons[index]"
    done
    ((${#_mlxp_scripts[@]} == 0)) || return 0
    for name in "${!_mlxp_previous[@]}"; do
        complete -r -- "$name"
        eval "${_mlxp_previous[$name]}"
    done
    unset _mlxp_scripts _mlxp_pythons _mlxp_previous
    unset -f _mlxp_complete _mlxp_find _mlxp_otherwise _mlxp_add _mlxp_remove
}
"""

ZSH = r"""
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit -i }

_mlxp_complete() {
    local -a found
    local script python line="${(j: :)words[1,CURRENT-1]} $QIPREFIX$PREFIX" previous
    _mlxp_find "${(@)words[1,CURRENT-1]}"
    if [[ -z $script ]]; then
        previous=${_mlxp_previous[${words[1]:t}]:-_default}
        eval "$previous"
        return
    fi
    found=("${(@f)$(COMP_LINE=$line COMP_POINT=$#line "$python" "$script" -sc query=zsh 2>/dev/null </dev/null)}")
    found=(${found:#})
    if (( ! $#found )); then
        compset -P '*[=,]'
        _files
        return
    fi
    compadd -S '' -- ${(M)found:#*[=./]}
    compadd -- ${found:#*[=./]}
}

# Set `script` and `python` where the words run an installed script.
_mlxp_find() {
    local word
    integer place=0 index
    for word; do
        word=${(Q)word}
        word=${word/#\~\//$HOME/}
        place+=1
        [[ $word != -[cm] ]] || return 0
        [[ $word != -* && -f $word ]] || continue
        for index in {1..$#_mlxp_scripts}; do
            if [[ $word -ef ${_mlxp_scripts[index]} ]]; then
                script=${_mlxp_scripts[index]} python=${_mlxp_pythons[index]}
            fi
        done
        # A first word that is no script is the interpreter; the first file behind it is the script.
        [[ -z $script && $place == 1 && $word != *.py ]] || return 0
    done
}

_mlxp_add() {
    local name
    typeset -ga _mlxp_scripts _mlxp_pythons
    typeset -gA _mlxp_previous
    _mlxp_scripts+=("$1") _mlxp_pythons+=("$2")
    for name in "${@:3}"; do
        [[ ${_comps[$name]-} == _mlxp_complete ]] || _mlxp_previous[$name]=${_comps[$name]-}
        compdef _mlxp_complete "$name"
    done
}

_mlxp_remove() {
    integer index
    local name
    for (( index = $#_mlxp_scripts; index > 0; index-- )); do
        [[ ${_mlxp_scripts[index]} != "$1" ]] || { _mlxp_scripts[index]=() _mlxp_pythons[index]=() }
    done
    (( ! $#_mlxp_scripts )) || return 0
    for name in "${(@k)_mlxp_previous}"; do
        compdef -d "$name"
        [[ -z ${_mlxp_previous[$name]} ]] || compdef "${_mlxp_previous[$name]}" "$name"
    done
    unset _mlxp_scripts _mlxp_pythons _mlxp_previous
    unfunction _mlxp_complete _mlxp_find _mlxp_add _mlxp_remove
}
"""

FISH = r"""
# Whether the line runs an installed script that has something to offer, which is kept for the completion.
function _mlxp_complete
    set -g _mlxp_found
    set -l place 0
    for word in (commandline -opc)
        set place (math $place + 1)
        set word (string replace -r '^~/' "$HOME/" -- $word)
        string match -qr '^-[cm]$' -- $word; and return 1
        if string match -q -- '-*' $word; or not test -f $word
            continue
        end
        set -l real (realpath -- $word)
        for index in (seq (count $_mlxp_scripts))
            if test $real = (realpath -- $_mlxp_scripts[$index])
                set -l line (commandline -cp | string collect)
                set -lx COMP_LINE $line
                set -lx COMP_POINT (string length -- $line)
                set -l command $_mlxp_pythons[$index] $_mlxp_scripts[$index] -sc query=fish
                set _mlxp_found ($command 2>/dev/null </dev/null)
                test (count $_mlxp_found) -gt 0
                return
            end
        end
        # A first word that is no script is the interpreter; the first file behind it is the script.
        if test $place -gt 1; or string match -q '*.py' -- $word
            return 1
        end
    end
    return 1
end

function _mlxp_add
    set -ga _mlxp_scripts $argv[1]
    set -ga _mlxp_pythons $argv[2]
    for name in $argv[3..-1]
        contains -- $name $_mlxp_names; and continue
        set -ga _mlxp_names $name
        complete -c $name -n _mlxp_complete -f -a '$_mlxp_found'
    end
end

# Fish cannot forget one of a command's completions; without scripts ours offer nothing.
function _mlxp_remove
    while set -l index (contains -i -- $argv[1] $_mlxp_scripts)
        set -e _mlxp_scripts[$index]
        set -e _mlxp_pythons[$index]
    end
end
"""
