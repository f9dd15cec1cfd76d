"""What is told before a start though nothing is wrong with it."""

from batchgen.errors.message import Message as M

# what is said before a start, and refuses nothing; the status is not used
WARNINGS: dict[str, M] = {
    "over_budget_user": M(
        200,
        "最多需要 {asked}，你本月的预算还剩 {left}。",
        "This needs up to {asked}; {left} of your budget is left this month.",
    ),
    "over_budget_team": M(
        200,
        "最多需要 {asked}，团队本月的预算还剩 {left}。",
        "This needs up to {asked}; {left} of the team's budget is left this month.",
    ),
    "over_budget_batch": M(
        200, "最多需要 {asked}，单个批次最多 {left}。", "This needs up to {asked}; one batch may cost {left}."
    ),
    "queue_short": M(
        200,
        "排队已满：还有 {open} 张未完成，上限 {limit} 张，本次需要 {asked} 张。",
        "Your queue is full: {open} of at most {limit} pictures are still to be made; this needs {asked} more.",
    ),
    "ratio_not_offered": M(
        200,
        "{count} 张将以 {ratio} 输出，这是此模型最接近原图的比例。",
        "{count} of the images will come out as {ratio}, the nearest offered.",
    ),
    "image_too_small": M(
        200,
        "{count} 张原图很小，放大时细节由模型补画。",
        "{count} of the images will be enlarged a lot; the model invents the details.",
    ),
    "alpha_flattened": M(
        200, "图片的透明部分会以白色填充后发送。", "See-through parts are filled with white before sending."
    ),
    "model_deprecated": M(200, "此模型将于 {date} 下线。", "This model ends on {date}."),
}
