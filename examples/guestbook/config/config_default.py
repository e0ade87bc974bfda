security = {"level": "strict"}

i18n = {"default_locale": "en", "write_cookie": "query"}

# The content decides what is a picture, not the name that a visitor gives the file.
multipart = {"whitelist": lambda name: True, "files": 1, "file_size": "1mb"}
