function o365aws --description 'temporary AWS credentials from an Office 365 sign-in'
    if test "$argv[1]" != use; or contains -- --help $argv; or contains -- -h $argv
        command o365aws $argv
    else
        set -l code (O365AWS_SHELL=fish command o365aws $argv)
        or return
        string join \n -- $code | source
        true # set -e of a variable that is not set fails
    end
end
