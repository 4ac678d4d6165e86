# Completion of o365aws for fish.
function __o365aws_complete
    set -l words (commandline -opc) (commandline -ct)
    $words[1] __complete $words[2..-1] 2>/dev/null
end
complete -c o365aws -f -n 'not contains -- -- (commandline -opc)' -a '(__o365aws_complete)'
complete -c o365aws -F -n 'contains -- -- (commandline -opc)'
