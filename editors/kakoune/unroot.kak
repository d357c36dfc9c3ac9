# Kakoune: Dockerfiles are fixed when they are written. Copy it to ~/.config/kak/autoload/, beside a link to the autoload
# folder of Kakoune itself. One undo takes the fix back; what cannot be read is written as it is.
declare-option -docstring "the program unroot" str unroot_program unroot

hook global BufCreate (.*/)?((Dockerfile|Containerfile)([.][^/]+)?|[^/]+[.][dD]ockerfile) %{
    set-option buffer formatcmd %sh{
        name=$(printf %s "$kak_buffile" | sed "s/'/'\\\\''/g")
        printf "'%s' fix -q --stdin-filename '%s' -" "$kak_opt_unroot_program" "$name"
    }
    hook buffer BufWritePre .* %{ try format-buffer }
}
