"""Device names; the answers are TF 1.15's, recorded."""

from types import SimpleNamespace

import pytest

from graphcore.core.device import DeviceSpec, canonical_name, merge_device, merged_name


@pytest.mark.parametrize("device, name", [
    ("/cpu:0", "/device:CPU:0"), ("/gpu", "/device:GPU:*"), ("/GPU:*", "/device:GPU:*"), ("cpu:1", "/device:CPU:1"),
    ("/device:cpu:0", "/device:CPU:0"), ("/device:XLA_CPU:0", "/device:XLA_CPU:0"), ("", ""), ("/", ""), (None, ""),
    ("/cpu:0/", "/device:CPU:0"), ("//cpu:0", "/device:CPU:0"), ("/job:a/job:b", "/job:b"),
    ("/job:worker/replica:0/task:1/device:CPU:0", "/job:worker/replica:0/task:1/device:CPU:0"),
    (DeviceSpec(job="w", replica=1, task="2", device_type="cpu", device_index=0), "/job:w/replica:1/task:2/device:CPU:0"),
    (DeviceSpec(device_index=3), ""),
])
def test_canonical_name(device, name):
    assert canonical_name(device) == name


@pytest.mark.parametrize("device, phrase", [
    ("/foo:1", "Unknown attribute: 'foo' in '/foo:1'"), ("/device:CPU", "Unknown attribute: 'device' in '/device:CPU'"),
    ("/job:a:b", "Unknown attribute: 'job'"), ("/cpu:0:1", "Unknown attribute: 'cpu'"),
    ("/cpu:0/gpu:1", "Cannot specify multiple device types: /cpu:0/gpu:1"),
    ("/cpu:x", "invalid literal for int.. with base 10: 'x' in device '/cpu:x'"), ("/task:x", "invalid literal for int"),
])
def test_malformed(device, phrase):
    with pytest.raises(ValueError, match=phrase):
        canonical_name(device)
    with pytest.raises(ValueError, match=phrase):
        merge_device(device)


def test_fields():
    spec = DeviceSpec.from_string("/job:1/task:3/gpu")
    assert (spec.job, spec.replica, spec.task, spec.device_type, spec.device_index) == ("1", None, 3, "GPU", None)
    assert DeviceSpec().parse_from_string("/cpu:0").device_index == 0
    assert DeviceSpec(job="a").replace(task=1).to_string() == "/job:a/task:1"


def test_equality():
    assert DeviceSpec(job="a") == DeviceSpec(job="a") and DeviceSpec(job="a") != DeviceSpec(job="b")
    assert DeviceSpec() != "" and hash(DeviceSpec(job="a")) == hash(DeviceSpec(job="a"))


def test_merge_from_changes_in_place():
    spec = DeviceSpec(job="a", replica=0)
    spec.merge_from(DeviceSpec(task=3, job="b"))
    spec.device_type = "gpu"
    assert spec.to_string() == "/job:b/replica:0/task:3/device:GPU:*"


def test_the_inner_scope_wins():
    outer, inner = DeviceSpec(job="a", device_type="GPU"), DeviceSpec(device_type="CPU", device_index=1)
    assert outer.make_merged_spec(inner).to_string() == "/job:a/device:CPU:1"
    assert merged_name("/job:a/cpu:0", "/job:b/gpu:1") == "/job:b/device:GPU:1"


def test_merge_device_is_a_function_of_operations():
    merge = merge_device("/job:a/cpu:0")
    assert merge(SimpleNamespace(device="/job:b")).to_string() == "/job:b/device:CPU:0"
    assert merge.shortcut_string_merge(SimpleNamespace(device="")) == "/job:a/device:CPU:0"
    assert merge_device(merge) is merge is merge_device("/job:a/device:CPU:0")
    assert merge_device(None).is_null_merge and not merge.is_null_merge
