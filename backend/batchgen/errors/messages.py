"""The one table code -> HTTP status and the sentence in both languages.

Codes are stable: scripts rely on them. A test compares the placeholders of the two sentences of each row.
"""

from batchgen.errors.accounts import ACCOUNTS
from batchgen.errors.message import Message

M = Message

MESSAGES: dict[str, Message] = {
    # the request as such
    "bad_request": M(400, "请求无法读取，请重新发送。", "The request could not be read; send it again."),
    "invalid_json": M(400, "请求内容不是有效的 JSON：{reason}。", "The body is not valid JSON: {reason}."),
    "unsupported_media_type": M(415, "请求类型应为 {expected}。", "Send the request as {expected}."),
    "validation_failed": M(422, "有 {count} 处填写不正确：{first}", "{count} field(s) need attention: {first}"),
    "field_required": M(422, "缺少“{field}”。", "“{field}” is missing."),
    "field_unknown": M(422, "不认识的字段“{field}”。", "There is no field “{field}”."),
    "field_invalid": M(422, "“{field}”的值不正确：{reason}", "“{field}” is not valid: {reason}"),
    "not_found": M(404, "没有找到，可能已被删除。", "Not found; it may have been deleted."),
    "forbidden": M(403, "没有权限进行此操作。", "You are not allowed to do that."),
    "method_not_allowed": M(405, "此地址不支持 {method} 操作。", "{method} is not possible here."),
    "range_not_satisfiable": M(416, "文件没有这一段。", "The file has no such part."),
    "unknown_host": M(421, "服务器不以此名称提供服务。", "This server does not answer to that name."),
    "csrf_failed": M(403, "请求不是从本站页面发出的，已拒绝。", "The request did not come from this site."),
    "too_many_parts": M(413, "一次提交的内容过多，请分批提交。", "Too many parts in one request; send fewer."),
    "body_too_large": M(
        413, "请求超过 {limit_mb} MB，请分批提交。", "The request is over {limit_mb} MB; send less at once."
    ),
    "request_timeout": M(408, "请求发送得太慢，请重新发送。", "The request came too slowly; send it again."),
    "too_many_streams": M(429, "同时打开的页面过多，请关闭几个。", "Too many live pages are open; close some."),
    "internal": M(
        500,
        "服务器出错，请稍后重试。编号 {request_id}",
        "Something went wrong here; try again. Reference {request_id}",
    ),
    "state_unavailable": M(
        503, "服务暂时不可用，正在恢复，请稍后重试。", "The service is recovering; try again in a moment."
    ),
    "result_expired": M(
        410,
        "图片已超过保留期限，已被删除；任务记录仍在。",
        "The picture is deleted: its retention time is over. Its record stays.",
    ),
    "storage_full": M(507, "服务器磁盘空间不足，请联系管理员。", "The server's disk is full. Tell your admin."),
    "storage_unavailable": M(
        503, "文件存储暂时不可用，请稍后重试。", "File storage is unavailable; try again in a moment."
    ),
    "decoder_busy": M(
        503, "正在处理的图片过多，请稍后重试。", "Too many images are being read; try again in a moment."
    ),
    # uploads
    "missing_file": M(422, "请选择一张图片（字段 file）。", "Choose an image (field “file”)."),
    "empty_file": M(422, "“{name}”是空文件。", "“{name}” is empty."),
    "file_too_large": M(
        413, "“{name}”超过 {limit_mb} MB，请压缩后重试。", "“{name}” is over {limit_mb} MB; make it smaller."
    ),
    "unsupported_format": M(
        415,
        "“{name}”不是支持的图片（JPEG、PNG、WebP、HEIC、AVIF、BMP、TIFF、GIF）。",
        "“{name}” is not a supported image (JPEG, PNG, WebP, HEIC, AVIF, BMP, TIFF, GIF).",
    ),
    "corrupt_image": M(422, "“{name}”已损坏，无法打开。", "“{name}” is damaged and cannot be opened."),
    "too_many_pixels": M(
        422,
        "“{name}”超过 {limit_mp} 百万像素，请缩小后重试。",
        "“{name}” has over {limit_mp} megapixels; make it smaller.",
    ),
    "quota_exceeded": M(
        413,
        "你的图片已达上限（{limit}），请删除一些再上传。",
        "Your images have reached the limit ({limit}); delete some first.",
    ),
    "upload_in_use": M(409, "这张图片正被批次使用，不能删除。", "This image is used by a batch and cannot be deleted."),
    # batches
    "prompt_empty": M(422, "请填写提示词。", "Write a prompt."),
    "prompt_too_long": M(422, "提示词超过 {limit} 个字符。", "The prompt is over {limit} characters."),
    "variable_missing": M(422, "第 {row} 行缺少“{name}”的值。", "Row {row}: “{name}” has no value."),
    "variable_invalid": M(
        422,
        "“{name}”不能用作变量名，请用 64 个字以内的文字、数字、空格、_ 或 -。",
        "“{name}” cannot name a variable; use up to 64 letters, digits, spaces, _ or -.",
    ),
    "row_too_long": M(
        422,
        "第 {row} 行填好后的提示词超过 {limit} 个字符。",
        "Row {row}: the filled-in prompt is over {limit} characters.",
    ),
    # tables of values
    "missing_table": M(422, "请选择一个表格（字段 file）。", "Choose a table (field “file”)."),
    "table_unreadable": M(
        422,
        "无法读取这个表格，请另存为 XLSX 或 CSV（UTF-8）。",
        "This table cannot be read; save it as XLSX or CSV (UTF-8).",
    ),
    "table_too_large": M(
        413,
        "表格过大：最多 {rows} 行、{columns} 列、{limit_mb} MB。",
        "The table is too large: at most {rows} rows, {columns} columns and {limit_mb} MB.",
    ),
    "table_empty": M(
        422,
        "表格里没有数据：第一行是列名，下面每行一张图片。",
        "The table has no rows: the first line names the columns, each below it is one picture.",
    ),
    "unknown_provider": M(422, "没有名为“{provider}”的服务商。", "There is no provider “{provider}”."),
    "unknown_model": M(422, "“{provider}”没有模型“{model}”。", "“{provider}” has no model “{model}”."),
    "provider_unavailable": M(
        422,
        "服务商“{provider}”尚未配置密钥，请联系管理员。",
        "Provider “{provider}” has no key yet. Tell your admin.",
    ),
    "model_gone": M(
        422,
        "服务商已停用“{model}”（{since} 起），请改用“{successor}”。",
        "The provider has taken “{model}” offline (since {since}); use “{successor}”.",
    ),
    "models_gone": M(
        422,
        "服务商“{provider}”的模型都已停用，请联系管理员。",
        "Provider “{provider}” has taken all its models offline. Tell your admin.",
    ),
    "filename_pattern_unknown": M(
        422,
        "文件名规则里的“{name}”没有含义，可用 name、n、variant、batch、model、date 或提示词里的变量。",
        "“{name}” means nothing in a file name; use name, n, variant, batch, model, date or a variable of the prompt.",
    ),
    "no_items": M(422, "请至少添加一张图片。", "Add at least one image."),
    "too_many_items": M(
        422,
        "一个批次最多 {limit} 张，现有 {count} 张。",
        "A batch holds at most {limit} images; there are {count}.",
    ),
    "unknown_upload": M(422, "找不到图片“{id}”，请重新上传。", "Image “{id}” is not here; upload it again."),
    "too_many_references": M(
        422, "此模型最多 {limit} 张参考图。", "This model takes at most {limit} reference images."
    ),
    "too_many_variants": M(
        422, "此模型每张最多生成 {limit} 个变体。", "This model makes at most {limit} variants of each."
    ),
    "image_side_refused": M(
        422,
        "“{name}”太小，此模型要求每边至少 {limit} 像素。",
        "“{name}” is too small: this model needs {limit} pixels on each side.",
    ),
    "image_ratio_refused": M(
        422,
        "“{name}”太长或太宽，此模型最多接受 {limit}:1。",
        "“{name}” is too long or too wide: this model takes {limit}:1 at most.",
    ),
    "option_not_offered": M(422, "此模型不支持 {option}“{value}”。", "This model does not offer {option} “{value}”."),
    "text_only_not_offered": M(422, "此模型需要一张基准图片。", "This model needs a base image."),
    "economy_not_offered": M(422, "模型“{model}”没有经济通道。", "Model “{model}” has no economy lane."),
    "pilot_in_economy": M(
        422,
        "经济通道不能先试或对比：样片可能要等很久。请改用普通通道，或去掉先试。",
        "The economy lane takes no pilot and no duel: a sample may take long there. Use the normal lane, or no pilot.",
    ),
    "needed_by_missing": M(422, "经济通道需要最晚完成时间（needed_by）。", "The economy lane needs a needed_by time."),
    "needed_by_out_of_range": M(
        422,
        "最晚完成时间须在 {minutes} 分钟至 {days} 天之后。",
        "Choose a time {minutes} minutes to {days} days from now.",
    ),
    "idempotency_conflict": M(
        409,
        "同一个 Idempotency-Key 已用于另一次提交。",
        "This Idempotency-Key was used for a different submission.",
    ),
    "wrong_state": M(409, "当前状态“{state}”下不能执行此操作。", "That is not possible while it is “{state}”."),
    "pilot_not_ready": M(409, "没有等待确认的样片。", "No sample waits for your word now."),
    "pilot_changed": M(409, "样片已重新生成，请先查看。", "The sample was made again; look at it first."),
    "duel_decided": M(409, "已选定另一个方案。", "Another contestant was chosen already."),
    "nothing_to_retry": M(409, "没有可以重试的图片。", "There is nothing to retry."),
    "nothing_to_accept": M(409, "没有可以采用的图片。", "There is no picture to accept."),
    "nothing_to_review": M(409, "没有可以审阅的图片。", "There is no picture to review."),
    "nothing_to_restore": M(409, "没有这张旧图可以取回。", "There is no such earlier picture to take back."),
    "nothing_to_download": M(409, "还没有完成的图片可以下载。", "No finished pictures to download yet."),
    "batch_active": M(409, "批次还在进行，请先取消。", "The batch is still running; cancel it first."),
    "budget_exceeded": M(
        402,
        "超出预算：预算 {budget}，已用 {used}，已预留 {held}，本次需要 {asked}。",
        "Over the budget: of {budget}, {used} is used and {held} held; this needs {asked}.",
    ),
    "budget_of_user": M(
        402,
        "你的本月预算不够，请减少图片，或请管理员提高预算。",
        "Your budget of this month is not enough: make fewer pictures, or ask your admin to raise it.",
    ),
    "budget_of_team": M(
        402,
        "团队的本月预算不够，请减少图片，或请管理员提高预算。",
        "The team's budget of this month is not enough: make fewer pictures, or ask your admin to raise it.",
    ),
    "budget_of_batch": M(
        402, "超出单个批次的限额，请分成几个批次。", "Over the limit of one batch: make it several batches."
    ),
    "queue_full": M(
        429,
        "你还有 {open} 张图片未完成，上限 {limit} 张，本次需要 {asked} 张。请等一部分完成后再试，或减少图片。",
        "{open} of your pictures are still to be made, of {limit} at most; this needs {asked} more. Try again when some "
        "are done, or with fewer.",
    ),
    "not_done_in_time": M(504, "图片仍在生成，稍后可查看 {item_id}。", "Still being made; look at {item_id} later."),
    # sharing
    "read_only": M(403, "这是别人的批次，只能查看。", "That is somebody else's batch: look, but do not change it."),
    "too_many_links": M(409, "一个批次最多 {limit} 个链接，请先撤销一个。", "{limit} links at most; revoke one first."),
    "link_invalid": M(404, "链接无效、已过期或已撤销。", "This link is wrong, has expired or was revoked."),
    "template_read_only": M(403, "这是别人的模板，只能使用。", "That is somebody else's template: use it as it is."),
    "too_many_templates": M(409, "模板最多 {limit} 个，请先删除一个。", "{limit} templates at most; delete one first."),
    # finish notices: where they go
    "url_invalid": M(422, "这不是可用的网址。", "That is not a usable URL."),
    "url_not_https": M(422, "网址必须以 https:// 开头。", "The URL must start with https://."),
    "host_not_found": M(422, "找不到这个网址的主机。", "The host of that URL was not found."),
    "host_private": M(
        422,
        "此地址在内网，未获允许；需要时请管理员设置 NOTICE_PRIVATE_HOSTS。",
        "That address is inside the network and not allowed; an admin can allow it in NOTICE_PRIVATE_HOSTS.",
    ),
    "notice_kind_not_offered": M(
        422, "此服务器不提供这种通知（{kind}）。", "This server does not offer that kind of notice ({kind})."
    ),
    "mail_address_invalid": M(422, "请填写一个邮箱地址。", "Write one e-mail address."),
    "chat_address_invalid": M(
        422, "请粘贴机器人的完整 Webhook 地址（{kind}）。", "Paste the robot's whole webhook URL ({kind})."
    ),
    "chat_secret_invalid": M(422, "加签密钥不正确。", "The signing secret is not valid."),
    "unknown_notice_target": M(422, "没有编号为“{id}”的通知目标。", "There is no notice target “{id}”."),
    "too_many_tests": M(429, "测试通知发送过多，请十分钟后再试。", "Too many test notices; try again in ten minutes."),
    # finish notices: why one did not arrive
    "notice_unreachable": M(502, "对方无法连接。", "The receiver cannot be reached."),
    "notice_too_slow": M(504, "对方没有及时应答。", "The receiver did not answer in time."),
    "notice_answered": M(502, "对方拒绝了，返回 {status}。", "The receiver refused it with {status}."),
    "notice_refused": M(502, "{kind} 没有接受通知。", "{kind} did not take the notice."),
    "mail_refused": M(502, "邮件服务器没有接受邮件。", "The mail server did not take the mail."),
    "notice_target_gone": M(404, "此通知目标已被移除。", "This notice target was removed."),
    # why an attempt failed (domain.failures.KINDS)
    "blocked_input": M(
        422,
        "未通过安全审核，请修改提示词或图片。",
        "Refused by the safety check. Change the prompt or picture.",
    ),
    "blocked_output": M(
        422,
        "生成的图片未通过审核，可换个说法再试。",
        "The result was withheld for safety. Rephrase and try again.",
    ),
    "blocked_recitation": M(422, "结果与已有作品过于相似，被拦截。", "Too close to an existing work."),
    "blocked_person": M(422, "图片可能含真人，平台不接受。", "May show a real person; refused."),
    "no_image": M(502, "模型没有返回图片，请写得更具体。", "The model returned no picture. Be more specific."),
    "no_image_cut": M(502, "模型没有返回图片，请写得更具体。", "The model returned no picture. Be more specific."),
    "invalid_input": M(422, "参数或图片不符合要求：{detail}", "Setting or picture not accepted: {detail}"),
    "provider_rate_limited": M(429, "平台限速，稍后自动重试。", "Speed limit reached; it retries by itself."),
    "quota_exhausted": M(
        502, "额度用完或账户欠费，请联系管理员。", "Quota used up or account overdue. Tell your admin."
    ),
    "auth": M(502, "密钥无效或无权限，请联系管理员。", "The key is invalid or lacks access. Tell your admin."),
    "model_unavailable": M(502, "模型未开通或已下线，请换一个。", "Model not activated or retired. Pick another."),
    "upstream_busy": M(502, "平台繁忙，将自动重试。", "The provider is busy; it retries by itself."),
    "upstream_unclear": M(
        502, "没有收到结果，可能已计费，请确认后重试。", "No answer; maybe charged. Confirm before retrying."
    ),
    "timeout": M(504, "没有收到结果，可能已计费，请确认后重试。", "No answer; maybe charged. Confirm before retrying."),
    "economy_late": M(
        504, "到约定时间仍未完成；重试将按原价生成。", "Not made in time. A retry makes it at full price."
    ),
    "bad_output": M(502, "返回的图片不可用，可能已计费。", "The result is unusable; maybe charged."),
    "bad_output_blank": M(
        502,
        "返回的图片是空白的，可能已计费；请查看后采用或重试。",
        "The result is blank; maybe charged. Look, then accept it or retry.",
    ),
    "bad_output_unchanged": M(
        502,
        "返回的图片与原图相同，可能已计费；请查看后采用或重试。",
        "The result is the input unchanged; maybe charged. Look, then accept it or retry.",
    ),
    "bad_output_ratio": M(
        502,
        "返回图片的比例与要求不符，可能已计费；请查看后采用或重试。",
        "The result has another ratio than asked; maybe charged. Look, then accept it or retry.",
    ),
    "bad_output_small": M(
        502,
        "返回的图片过小，可能已计费；请查看后采用或重试。",
        "The result is too small; maybe charged. Look, then accept it or retry.",
    ),
    "interrupted": M(
        502, "没有收到结果，可能已计费，请确认后重试。", "No answer; maybe charged. Confirm before retrying."
    ),
    "storage": M(507, "保存失败，请管理员检查磁盘。", "Saving failed. Tell your admin (disk?)."),
    "budget": M(402, "已达预算上限，未提交。", "Spending cap reached. Nothing was sent."),
} | ACCOUNTS
