
# _sockctl_words KIND: what a flag's value or an operand of this kind may be.
_sockctl_words()
{
	case $1 in
	options) echo "$_sockctl_options $_sockctl_profiles" ;;
	workloads) echo "$_sockctl_workloads" ;;
	readers) echo "$_sockctl_readers" ;;
	columns) echo "$_sockctl_columns" ;;
	esac
}

# The last setting of a SPEC or of a list; those before it stay.
_sockctl_setting()
{
	local before='' last=$1 try=''
	[[ $last == *,* ]] && before=${last%,*}, last=${last##*,}
	[[ $last == try:* ]] && try=try: last=${last#try:}
	mapfile -t COMPREPLY < <(compgen -P "$before$try" -W "$(_sockctl_words options)" -- "$last")
	compopt -o nospace 2>/dev/null
}

# The last column of a list; a - in front of the first is the direction of an order.
_sockctl_column()
{
	local before='' last=$1
	[[ $last == *,* ]] && before=${last%,*}, last=${last##*,}
	[[ $last == -* ]] && before=$before- last=${last#-}
	mapfile -t COMPREPLY < <(compgen -P "$before" -W "$(_sockctl_words columns)" -- "$last")
	compopt -o nospace 2>/dev/null
}

_sockctl_kind()
{
	case $1 in
	options) _sockctl_setting "$2" ;;
	columns) _sockctl_column "$2" ;;
	files) mapfile -t COMPREPLY < <(compgen -f -- "$2") ;;
	commands) mapfile -t COMPREPLY < <(compgen -c -- "$2") ;;
	*) mapfile -t COMPREPLY < <(compgen -W "$(_sockctl_words "$1")" -- "$2") ;;
	esac
}

# After `--` stands a program with its own arguments.
_sockctl_program()
{
	local index
	for ((index = 2; index < COMP_CWORD; index++)); do
		[ "${COMP_WORDS[index]}" = -- ] || continue
		if ((COMP_CWORD == index + 1)); then
			_sockctl_kind commands "$1"
		else
			_sockctl_kind files "$1"
		fi
		return
	done
	return 1
}

_sockctl()
{
	local word=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]} kind
	COMPREPLY=()
	if ((COMP_CWORD == 1)); then
		mapfile -t COMPREPLY < <(compgen -W "$_sockctl_commands" -- "$word")
		return
	fi
	_sockctl_program "$word" && return
	kind=$(_sockctl_value "$command ${COMP_WORDS[COMP_CWORD - 1]}")
	if [ -n "$kind" ]; then
		_sockctl_kind "$kind" "$word"
	elif [[ $word == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(_sockctl_flags "$command")" -- "$word")
	else
		_sockctl_kind "$(_sockctl_operands "$command")" "$word"
	fi
}
complete -F _sockctl sockctl
