"""What invitations and resets say when they are mailed."""

from datetime import UTC, datetime

from batchgen.engine.messages import Message


def invitation(language: str, link: str, expires_ms: int, by: str) -> Message:
    """`by`: who invites."""
    until = _until(expires_ms)
    if language == "en":
        title, text = "Invitation", f"{by} invites you to BatchGen Pro. Choose a password here, until {until}:"
    else:
        title, text = "邀请", f"{by} 邀请你使用 BatchGen Pro。请在 {until} 前打开此链接设置密码："
    return Message("invitation", f"BatchGen Pro · {title}", f"{text}\n{link}", link, {})


def reset(language: str, link: str, expires_ms: int) -> Message:
    until = _until(expires_ms)
    if language == "en":
        title, text = "New password", f"An admin has made this link to set a new password. It works until {until}:"
    else:
        title, text = "设置新密码", f"管理员为你生成了设置新密码的链接，{until} 前有效："
    return Message("reset", f"BatchGen Pro · {title}", f"{text}\n{link}", link, {})


def _until(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")
