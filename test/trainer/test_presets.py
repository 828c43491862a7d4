import pytest

from stroma_trainer import presets
from stroma_trainer.errors import TrainerError
from stroma_trainer.run_directory import INPUTS


@pytest.mark.parametrize("preset", presets.NAMES)
@pytest.mark.parametrize("stage", sorted(INPUTS))
def test_every_preset_has_every_stage(preset: str, stage: str) -> None:
    assert presets.settings(stage, preset, {})["checkpoint_interval_s"] > 0


def test_panda_and_bright_are_the_papers() -> None:
    panda, bright = (presets.settings("train_gen_dino", name, {}) for name in ("panda", "bright"))
    assert (panda["epochs"], bright["epochs"], panda["batch_size"]) == (50, 100, 1024)
    assert panda["disentangle_weight"] == 1.0
    assert (panda["local_count"], panda["prototypes"], panda["lr"]) == (8, 65536, 5e-4)
    synthesis = presets.settings("synthesize", "panda", {})
    assert synthesis["alphas"] == [0.2, 0.4, 0.6, 0.8]
    assert (synthesis["guidance_scale"], synthesis["ddim_steps"]) == (1.75, 50)


@pytest.mark.parametrize("preset", ["smoke", "tiny", "tiny12"])
def test_small_presets_follow_the_rules_of_small_runs(preset: str) -> None:
    c = presets.settings("train_gen_dino", preset, {})
    assert c["freeze_last_layer_epochs"] <= 0.25
    assert c["lr_reference_batch"] == 0
    assert c["center_momentum"] < c["momentum"] < 0.996  # slower than the center, faster than a long run's
    assert c["center_start"] == "first_batch"


def test_gen_dino_trains_as_dino_does() -> None:
    for preset in presets.NAMES:
        dino, gen = presets.settings("train_dino", preset, {}), presets.settings("train_gen_dino", preset, {})
        assert {key: gen[key] for key in dino} == dino | {"interpolated": "synthetic"}


def test_tiny12_is_tiny_but_for_the_depth() -> None:
    for stage in INPUTS:
        tiny, deep = presets.settings(stage, "tiny", {}), presets.settings(stage, "tiny12", {})
        assert {key for key in tiny if tiny[key] != deep[key]} == ({"depth"} if "dino" in stage else set())
    assert deep.keys() == tiny.keys()


def test_single_gpu_is_panda_with_smaller_batches() -> None:
    """Batch 256 is the batch that lr is given for, so its peak is 5e-4; DINO advises momentum 0.9995 with it."""
    one, many = (presets.settings("train_gen_dino", name, {}) for name in ("single_gpu", "panda"))
    assert {key for key in many if one[key] != many[key]} == {"batch_size", "momentum"}
    assert (one["batch_size"], one["lr_reference_batch"], one["momentum"]) == (256, 256, 0.9995)


def test_overrides_replace_settings() -> None:
    c = presets.settings("train_dino", "smoke", {"epochs": 7, "lr": 1})
    assert (c["epochs"], c["lr"]) == (7, 1.0)


@pytest.mark.parametrize(
    ("stage", "preset", "overrides", "code"),
    [
        ("train_dino", "huge", {}, "unknown_preset"),
        ("train_dino", "smoke", {"epoch": 7}, "unknown_key"),
        ("train_dino", "smoke", {"local_source": "real"}, "unknown_key"),
        ("train_dino", "smoke", {"mixing": "inside_head"}, "wrong_value"),
        ("train_gen_dino", "smoke", {"interpolated_views": 3}, "wrong_value"),
        ("train_dino", "smoke", {"epochs": "7"}, "wrong_type"),
        ("train_dino", "smoke", {"epochs": 7.5}, "wrong_type"),
        ("train_dino", "smoke", {"epochs": True}, "wrong_type"),
        ("train_eldm", "smoke", {"codec": "kl"}, "wrong_value"),
    ],
)
def test_refuses(stage: str, preset: str, overrides: dict[str, object], code: str) -> None:
    with pytest.raises(TrainerError) as caught:
        presets.settings(stage, preset, overrides)
    assert caught.value.code == code
    assert caught.value.details["expected"] is not None


@pytest.mark.parametrize(
    ("key", "value"), [("alarm_window_steps", 0), ("alarm_entropy_share", 0.6), ("watch_every_epochs", -2)]
)
def test_settings_with_bounds_are_refused_beyond_them(key: str, value: float) -> None:
    with pytest.raises(TrainerError, match="out of bounds") as caught:
        presets.settings("train_dino", "smoke", {key: value})
    assert caught.value.code == "wrong_value"


def test_every_bound_is_that_of_a_setting_and_holds_in_every_preset() -> None:
    for preset in presets.NAMES:
        merged = presets.settings("train_gen_dino", preset, {}) | presets.settings("train_eldm", preset, {})
        merged |= presets.settings("train_abmil", preset, {})
        for key, (low, high) in presets.BOUNDS.items():
            assert low <= merged[key] <= high
