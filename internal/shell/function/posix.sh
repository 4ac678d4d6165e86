o365aws() {
	case "${1-} $*" in
	use*\ -h* | use*\ --help*) command o365aws "$@" ;;
	use\ *) eval "$(O365AWS_SHELL=SHELL command o365aws "$@" || echo false)" ;;
	*) command o365aws "$@" ;;
	esac
}
