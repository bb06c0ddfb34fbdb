# Interprets a script once, so that its variables, loops and quoting give the words of every command, while no
# command acts: for each external command stands a function that notes how it was called.
#
#     bash --norc collect.bash SCRIPT FOLDER [ARGUMENT...] < /dev/null > /dev/null
#
# FOLDER holds `harmless` (the script, writing no file), `nowhere` (how many files it would have written) and
# `unknown` (variables that only a job has). Notes go to `FOLDER/notes.<pid>`: a note is the number of its fields
# and then the fields, each ended by NUL. The first field is the kind, the second the place in the order of events,
# which a subshell continues from where its parent was.

__mlxp_folder=$2 BASH_ARGV0=$1
shift 2
__mlxp_pid=$BASHPID __mlxp_prefix='' __mlxp_count=0
__mlxp_environments=0
declare -A __mlxp_is_stand_in=() __mlxp_is_inherited=() __mlxp_is_inherited_function=()
declare -a __mlxp_nowhere
for ((__mlxp_i = 0; __mlxp_i < $(<"$__mlxp_folder/nowhere"); __mlxp_i++)); do __mlxp_nowhere+=(/dev/null); done
# Words of a job that nobody knows yet: whatever is made of them can be told.
for __mlxp_i in $(<"$__mlxp_folder/unknown"); do
    unset "$__mlxp_i"
    printf -v "$__mlxp_i" '\x02%s\x02' "$__mlxp_i"
done
unset BASH_ENV ENV

__mlxp_note() {
    if [[ $BASHPID != "$__mlxp_pid" ]]; then
        __mlxp_prefix+=$__mlxp_count. __mlxp_count=0 __mlxp_pid=$BASHPID
    fi
    printf '%s\0' "$(($# + 1))" "$1" "$__mlxp_prefix$((++__mlxp_count))" "${@:2}" >>"$__mlxp_folder/notes.$BASHPID"
}

# Commands that only look: they run, so that `$(seq 3)` and `cat list | while read` mean what they mean.
__mlxp_looks() {
    case $1 in
    seq | date | cat | head | tail | cut | tr | grep | egrep | fgrep | uniq | wc | ls | basename | dirname | \
        realpath | readlink | hostname | whoami | id | nproc | uname | expr | bc | jq | which | rev | tac | paste | \
        sort | sed | awk | gawk | mawk | shuf | printenv | getconf | stat | column | fold | nl | comm | join | \
        numfmt | factor | od | sha256sum | md5sum | cksum) ;;
    find) [[ " ${*:2} " != *\ -delete\ * && " ${*:2} " != *\ -*exec* && " ${*:2} " != *\ -ok* ]]; return ;;
    git) [[ $2 == rev-parse || $2 == describe || $2 == log || $2 == status || $2 == ls-files ]]; return ;;
    conda | mamba | micromamba | pyenv | direnv | spack) [[ -p /dev/fd/1 ]]; return ;;
    python*) [[ $2 == -c && -p /dev/fd/1 ]]; return ;;
    *) return 1 ;;
    esac
    [[ $1 != sed || " ${*:2}" != *\ -*i* ]] && [[ $1 != sort || " ${*:2}" != *\ -o* ]]
}

# Stands for the external command of that name, in the process in which the command would have been.
__mlxp_external() {
    local __name=$1 __me=$BASHPID __into='' __from='' __environment='' __frame=1 __mlxp_reply='' __mlxp_exported=''
    shift
    if __mlxp_is_foreign 2; then
        builtin command "$__name" "$@"
        return
    fi
    while [[ ${FUNCNAME[__frame + 1]-} == exec || ${FUNCNAME[__frame + 1]-} == command ]]; do ((++__frame)); done
    [[ ! -p /dev/fd/1 ]] || __into=$(builtin command -p readlink "/proc/$__me/fd/1")
    [[ ! -p /dev/fd/0 ]] || __from=$(builtin command -p readlink "/proc/$__me/fd/0")
    # Of what only a job knows, a command here says nothing.
    if [[ $* != *$'\x02'* ]] && __mlxp_looks "${__name##*/}" "$@"; then
        builtin command "$__name" "$@"
        return
    fi
    case ${__name##*/} in
    python* | srun | uv | env)
        __environment=$__mlxp_folder/environment.$__me.$((++__mlxp_environments))
        export -p >"$__environment"
        __mlxp_values "$(compgen -v)" ;;
    *) [[ -z $__into ]] || printf '\x02line:%s\x02\n' "${BASH_LINENO[__frame]}" ;;
    esac
    __mlxp_note call "${BASH_LINENO[__frame]}" "$PWD" "$__into" "$__from" "$__environment" "$__mlxp_reply" \
        "$__name" "$@"
    return 0
}

# Whether the caller so many functions up is code that only makes an environment: `module`, `conda`, an `activate`.
__mlxp_is_foreign() {
    local __name
    [[ ${BASH_SOURCE[$1 + 1]} == "$__mlxp_folder/harmless" ]] && [[ ${#FUNCNAME[@]} -le $(($1 + 3)) ]] && return 1
    for __name in "${FUNCNAME[@]:$1}"; do
        case $__name in module | ml | conda | mamba | micromamba | spack | pyenv | __conda* | deactivate) return 0 ;; esac
    done
    for __name in "${BASH_SOURCE[@]:$1}"; do
        case $__name in */activate | */conda.sh | */mamba.sh | /etc/* | */profile.d/* | */init/bash | */.bash* | */.profile)
            return 0 ;;
        esac
    done
    return 1
}

__mlxp_stand_in() {
    local __name __definitions=''
    for __name; do
        if [[ $__name =~ ^[a-zA-Z0-9_./+%@:,-]+$ ]]; then
            __definitions+="function $__name { __mlxp_external $__name \"\$@\"; };"
            __mlxp_is_stand_in[$__name]=1
        else
            __mlxp_refuse "$LINENO" "the command's name '$__name' has characters that mlxpsub cannot follow"
        fi
    done
    eval "$__definitions"
}

# Whatever can be found as a command is external but for what bash itself has and functions that are there already.
__mlxp_stand_in_for_all() {
    local -A known=() wanted=()
    local name IFS=$' \t\n' BASH_REMATCH
    for name in $(compgen -A builtin -A keyword -A function); do known[$name]=1; done
    for name in $(compgen -c) python python3 srun uv env tee; do
        [[ -n ${known[$name]-} || ! $name =~ ^[a-zA-Z0-9_.+%@:,-]+$ || $name == __mlxp* ]] || wanted[$name]=1
    done
    __mlxp_stand_in "${!wanted[@]}"
    __mlxp_path=$PATH
}

command_not_found_handle() { __mlxp_external "$@"; }
# A trap of the script's would replace ours, and nothing that happens here concerns it.
trap() { :; }
exec() { if (($#)); then "$@"; exit; fi; }
command() {
    case $1 in
    -v | -V) builtin command "$@" ;;
    -p | --) shift && "$@" ;;
    *) "$@" ;;
    esac
}

__mlxp_refuse() {
    __mlxp_note refused "$1" "$2"
    builtin exit 0
}

# The first word of a command, assignments before it left out; empty where there are only assignments.
__mlxp_first_word() {
    local __text=$1 __word="('[^']*'|\"([^\"\\\\]|\\\\.)*\"|\\\\.|[^][:space:]'\"\\\\;|&()]|])+"
    local __assignment='^[A-Za-z_][A-Za-z0-9_]*(\[[^]]*\])?\+?='
    while [[ $__text =~ $__assignment ]]; do
        __text=${__text#"${BASH_REMATCH[0]}"}
        if [[ $__text == '('* || $__text =~ ^[^[:space:]]*(\$\(|\`) ]]; then
            __mlxp_reply=''
            return
        fi
        [[ ! $__text =~ ^$__word ]] || __text=${__text#"${BASH_REMATCH[0]}"}
        while [[ $__text == [[:space:]]* ]]; do __text=${__text#?}; done
    done
    __mlxp_reply=''
    if [[ $__text =~ ^[^[:space:]]*(\$\(|\`) ]]; then
        __mlxp_reply=${__text%%[[:space:]]*}
        return
    fi
    [[ ! $__text =~ ^$__word ]] || __mlxp_reply=${BASH_REMATCH[0]}
}

# Before every simple command: see that a stand-in is there, and note the command with the variables it names.
__mlxp_step() {
    case ${FUNCNAME[1]-} in __mlxp_* | command_not_found_handle | exec | command | trap) return 0 ;; esac
    [[ -z ${__mlxp_is_stand_in[${FUNCNAME[1]}]-} ]] || return 0
    ! __mlxp_is_foreign 1 || return 0
    [[ $2 != 'source "$__mlxp_folder'* ]] || return 0
    [[ $PATH == "$__mlxp_path" ]] || __mlxp_stand_in_for_all
    __mlxp_last=$2
    # What the script's own `[[ =~ ]]` has found must still be there.
    local -a __found=("${BASH_REMATCH[@]}")
    __mlxp_understand "${BASH_SOURCE[1]}" "$@"
    BASH_REMATCH=("${__found[@]}")
}

__mlxp_understand() {
    local __file=$1 __line=$2 __text=$3 __name
    shift 3
    case $__text in
    'for '* | 'select '* | 'case '* | '(('* | '[['*) return 0 ;;
    esac
    __mlxp_first_word "$__text"
    __name=$__mlxp_reply
    if [[ $__name == *'$('* || $__name == *\`* ]]; then
        __mlxp_refuse "$__line" "write the name of the command instead of $__name"
    elif [[ $__name == *[\$\"\'\\~]* ]]; then
        eval "__mlxp_words=( $__name )"
        __name=${__mlxp_words[0]-}
    fi
    case $__name in
    source | .)
        if [[ $__text == *'$('* || $__text == *\`* ]]; then
            __mlxp_refuse "$__line" "write the name of the file instead of a command that gives it"
        fi
        ;;
    */*) [[ -n ${__mlxp_is_stand_in[$__name]-} ]] || __mlxp_stand_in "$__name" ;;
    esac
    __mlxp_values "$__text"
    __mlxp_note step "$__line" "$__file" "$PWD" "$__text" "$__mlxp_reply" "$__mlxp_exported" "$@"
}

# Assignments that make the script's own variables which a text names, as they are now: into __mlxp_reply. Those
# that commands inherit, or will once they are assigned, the shell's among them: into __mlxp_exported.
__mlxp_values() {
    local __rest=$1 __name
    local -A __seen=()
    __mlxp_reply='' __mlxp_exported=''
    while [[ $__rest =~ ([A-Za-z_][A-Za-z0-9_]*) ]]; do
        __name=${BASH_REMATCH[1]} __rest=${__rest#*"${BASH_REMATCH[1]}"}
        [[ -z ${__seen[$__name]-} && $__name != __* && $__name != BASH_* ]] || continue
        __seen[$__name]=1
        [[ $- != *a* ]] || __mlxp_exported+=" $__name"
        local -n __mlxp_variable=$__name
        [[ -n ${__mlxp_variable[*]+set} ]] || continue
        [[ ${__mlxp_variable[*]@a} != *x* ]] || __mlxp_exported+=" $__name"
        [[ -z ${__mlxp_is_inherited[$__name]-} ]] || continue
        case ${__mlxp_variable[*]@a} in
        *[aA]*) __mlxp_reply+=${__mlxp_variable[@]@A}$'\n' ;;
        *) __mlxp_reply+=${__mlxp_variable@A}$'\n' ;;
        esac
        unset -n __mlxp_variable
    done
}

# At the end, however it comes: the functions that the script has made.
__mlxp_end() {
    local status=${__mlxp_finished-$?} name IFS=$' \t\n'
    builtin trap - DEBUG
    [[ $BASHPID == "$$" ]] || return
    for name in $(compgen -A function); do
        [[ $name == __mlxp_* || -n ${__mlxp_is_inherited_function[$name]-}${__mlxp_is_stand_in[$name]-} ]] ||
            [[ $(declare -F -- "$name") != *" $__mlxp_folder/harmless" ]] ||
            __mlxp_note function "$name" "$(declare -f -- "$name")"
    done
    __mlxp_note end "$status" "$__mlxp_last"
}

__mlxp_stand_in_for_all
for __mlxp_i in $(compgen -v); do __mlxp_is_inherited[$__mlxp_i]=1; done
for __mlxp_i in $(compgen -A function); do __mlxp_is_inherited_function[$__mlxp_i]=1; done
builtin trap __mlxp_end EXIT
shopt -s extdebug
set -T
builtin trap '__mlxp_step "$LINENO" "$BASH_COMMAND" "$@"' DEBUG
source "$__mlxp_folder/harmless" "$@"
# Whatever the last command's status: the script came to its end.
__mlxp_finished=0
