"""What a session takes from its ConfigProto, checked."""

from typing import NamedTuple

_PLAIN = -1  # OptimizerOptions.L0
_JIT = {-1: "off", 1: "eager", 2: "eager"}  # OptimizerOptions.OFF, ON_1 and ON_2


class Settings(NamedTuple):
    """The fields of a configuration that bear on how a session runs."""

    plain: bool = False  # the plain interpreter only
    jit: str | None = None  # when loops are compiled, where that differs from GRAPHCORE_JIT
    blas_threads: int = 0  # 0: as many as BLAS likes
    devices_at_once: int = 0  # how many devices work at the same time; 0: all
    timeout: float | None = None  # seconds that a run may take


def checked_config(config):
    """``config`` itself if it is a ConfigProto or None; TypeError otherwise."""
    if config is None or type(config).__name__ == "ConfigProto" and hasattr(config, "SerializeToString"):
        return config
    raise TypeError(f"config must be a tf.ConfigProto, but got {type(config)}")


def _at_once(threads):
    """TF's number of threads that operations of one run are divided among; negative: the caller's alone."""
    return 1 if threads < 0 else threads


def settings(config):
    """The Settings of a ConfigProto or None.  What only concerns GPUs or several processes is accepted and has no effect."""
    if config is None:
        return Settings()
    milliseconds = config.operation_timeout_in_ms
    options = config.graph_options.optimizer_options
    return Settings(plain=options.opt_level == _PLAIN, jit=_JIT.get(options.global_jit_level),
                    blas_threads=max(0, config.intra_op_parallelism_threads),
                    devices_at_once=_at_once(config.inter_op_parallelism_threads),
                    timeout=milliseconds / 1000 if milliseconds > 0 else None)
