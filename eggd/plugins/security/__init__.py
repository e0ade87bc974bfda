"""Built-in plugin security: guards every request, and sets the header fields of every response.

app.py              makes the protections from the config
app/extend          `ctx.csrf`, `ctx.nonce`, `ctx.security_options`, safe redirects, `app.security`,
                    `app.inject_csrf`, `safe_curl`, members of `ctx.helper`
section.py          the section `security` of the config
options.py          its parts that set header fields
csrf_options.py     its part `csrf`
lists.py            checks hosts and schemes of the config
policies.py         checks its policies
cautions.py         values that protect nothing or have no effect
levels.py           the defaults by `security.level`
security.py         the guard that every request passes
guard.py            the same for usual requests, in fewer steps
headers.py          the header fields of every response, and how one response differs
fields.py           the header fields of each part
permissions.py      the names of Permissions-Policy
csp.py              the value of Content-Security-Policy
csrf.py             the check against cross-site requests
csrf_advice.py      the sentences of a refused request
csrf_secret.py      the place of its secret: a cookie or the session
csrf_token.py       secrets and tokens
conditions.py       the keys `match` and `ignore` of a part
hosts.py            the names of this site
injection.py        changes templates: the token in forms, the nonce in scripts
cookie_domain.py    the domain of cookies that all hosts of a site share
origins.py          hosts and origins, and lists of them
redirects.py        the URLs that a redirect may lead to
shtml_options.py    the HTML of visitors that is kept
ssrf.py             requests that reach public addresses only
helpers/            functions that make text safe for HTML, scripts, paths and shells
traversal.py        paths that lead above the root
"""
