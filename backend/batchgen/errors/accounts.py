"""What people are told about signing in and accounts."""

from batchgen.errors.message import Message as M

ACCOUNTS: dict[str, M] = {
    "unauthenticated": M(401, "请先登录。", "Sign in first."),
    "invalid_credentials": M(401, "用户名或密码不正确。", "The username or the password is wrong."),
    "forbidden": M(403, "没有权限执行此操作。", "You may not do that."),
    "login_not_offered": M(403, "此服务器未启用这种登录方式。", "This server does not offer that way to sign in."),
    "rate_limited": M(429, "尝试过于频繁，请 {seconds} 秒后再试。", "Too many tries; try again in {seconds} s."),
    "weak_password": M(
        422,
        "密码至少 8 个字符，且不能是常见密码或用户名。",
        "Use at least 8 characters, no common password and not the username.",
    ),
    "username_invalid": M(
        422,
        "用户名须以文字或数字开头，只能再含 . _ @ + -，至多 64 个字符。",
        "A username starts with a letter or digit, may also hold . _ @ + - and has up to 64 characters.",
    ),
    "username_taken": M(409, "用户名“{username}”已被使用。", "The username “{username}” is taken."),
    "last_admin": M(409, "至少要保留一名管理员。", "One admin has to stay."),
    "too_many_tokens": M(409, "令牌最多 {limit} 个，请先删除不用的。", "At most {limit} tokens; remove one first."),
    # logins with an identity provider: also the `error` in the address of the login page
    "account_disabled": M(403, "账户已停用，请联系管理员。", "The account is disabled. Tell your admin."),
    "oidc_state": M(400, "登录已过期，请重新登录。", "The login took too long or began elsewhere; start again."),
    "oidc_refused": M(403, "身份提供方没有放行。", "The identity provider did not let you in."),
    "oidc_failed": M(
        502,
        "身份提供方的应答无法核实，请联系管理员。",
        "The identity provider's answer could not be verified. Tell your admin.",
    ),
}
