"""Names by which messages are sent: the sender imports no task."""

RUN_ITEM = "batchgen.run_item"
QUEUE = "batchgen"
