"""The blows of a storm, by name. Each takes the world, strikes once, and leaves it able to stand up again."""

import signal
from collections.abc import Callable

from tests.storm.world import World

FAULTS: dict[str, Callable[[World], None]] = {
    "worker killed": lambda world: world.kill_worker(signal.SIGKILL),
    "worker asked to end": lambda world: world.kill_worker(signal.SIGTERM),
    "web killed": lambda world: world.kill_web(),
    "redis killed": lambda world: world.stop_redis(kill=True),
    "redis restarted": lambda world: world.stop_redis(kill=False),
    "append file cut": lambda world: world.stop_redis(kill=True, cut_bytes=world.dice.randint(1, 12)),
    "redis frozen": lambda world: world.freeze_redis(world.dice.choice((4, 8, 20))),
    "redis out of memory": lambda world: world.starve_redis(world.dice.uniform(2, 5)),
    "network cut": lambda world: world.cut_network(world.dice.uniform(2, 12)),
    "disk full": lambda world: world.fill_disk(world.dice.uniform(2, 5)),
    "nginx restarted": lambda world: world.restart_nginx(),
    "clock of the workers jumps": lambda world: world.shift_clock(),
}
