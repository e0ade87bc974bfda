# fish completion of eggd(1). The script is that of the installed click: its protocol has changed.
eggd completion fish | source
