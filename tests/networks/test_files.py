"""Networks in files: kept, old, hostile and broken."""

import json
import zipfile

import h5py
import numpy as np
import pytest
from discs import discs, keras_warns, mean_model

from toolkit import DataError, ParameterError, closeups, networks
from toolkit.networks import import_keras


@keras_warns
def test_a_model_comes_back_from_its_file(trained, tmp_path):
    path = networks.save_model(trained, tmp_path / "close_ups.keras")
    images = discs(1, 6)[0]
    assert [file.name for file in tmp_path.iterdir()] == ["close_ups.keras"]
    assert path.stat().st_size < 500_000
    found = closeups.predict(trained, images, progress=False)
    assert np.array_equal(closeups.predict(str(path), images, progress=False), found)
    # keras's own way of saving, with what training needs
    trained.save(tmp_path / "whole.keras")
    assert np.array_equal(closeups.predict(tmp_path / "whole.keras", images, progress=False), found)


@keras_warns
def test_an_older_h5_is_loaded(tmp_path):
    model = mean_model((128, 128, 1))
    model.save(tmp_path / "old.h5")
    images = np.full((1, 20, 20), 102, np.uint8)
    assert closeups.predict(tmp_path / "old.h5", images, progress=False) == pytest.approx(
        1 / (1 + np.exp(-0.4)), abs=1e-5
    )


def _with_lambda():
    keras = import_keras()
    return keras.Sequential(
        [keras.layers.Input((128, 128, 1)), keras.layers.Lambda(lambda x: x), *mean_model((128, 128, 1)).layers]
    )


@keras_warns
@pytest.mark.parametrize("name", ["model.keras", "model.h5"])
def test_a_model_with_code_is_refused(tmp_path, name):
    _with_lambda().save(tmp_path / name)
    with pytest.raises(DataError, match=r"holds code of its own \(Lambda\), which is not run"):
        networks.load_model(tmp_path / name)


@keras_warns
def test_a_layer_of_another_module_is_refused_before_it_is_imported(tmp_path):
    model = mean_model((128, 128, 1))
    model.save(tmp_path / "model.keras")
    with zipfile.ZipFile(tmp_path / "model.keras") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    config = json.loads(parts["config.json"])
    config["config"]["layers"][1].update(module="os", class_name="system")
    parts["config.json"] = json.dumps(config).encode()
    with zipfile.ZipFile(tmp_path / "evil.keras", "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    with pytest.raises(DataError, match=r"holds code of its own \(system of os\)"):
        networks.load_model(tmp_path / "evil.keras")


def _packed(path, parts):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


@pytest.fixture(scope="module")
def parts(trained, tmp_path_factory):
    path = networks.save_model(trained, tmp_path_factory.mktemp("model") / "model.keras")
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize("name", ["config.json", "metadata.json", "assets/more.json", "model.weights.h5", "assets/x"])
def test_a_file_that_unpacks_to_far_more_than_it_is_is_refused_before_it_is_unpacked(
    parts, tmp_path, monkeypatch, name
):
    path = _packed(tmp_path / "bomb.keras", {**parts, name: b" " * (48 << 20)})
    monkeypatch.setattr(zipfile.ZipFile, "read", lambda *_: pytest.fail("it was unpacked"))
    with pytest.raises(DataError, match=r"bomb.keras would unpack to 48 MB, .*which no model of keras of 0.\d MB does"):
        networks.load_model(path)


def test_a_model_that_was_packed_again_is_loaded(trained, parts, tmp_path):
    path = _packed(tmp_path / "packed.keras", parts)
    images = discs(1, 6)[0]
    found = closeups.predict(path, images, progress=False)
    assert np.array_equal(found, closeups.predict(trained, images, progress=False))


@pytest.mark.parametrize("name", ["../../evil.txt", "/evil.txt", "assets/../../evil.txt"])
def test_a_file_with_a_part_outside_of_itself_is_refused(parts, tmp_path, name):
    path = _packed(tmp_path / "evil.keras", {**parts, name: b"x"})
    with pytest.raises(DataError, match=r"evil.keras names a place outside of itself, '.*evil.txt'"):
        networks.load_model(path)


def test_broken_files_of_models_are_refused(trained, tmp_path):
    networks.save_model(trained, tmp_path / "whole.keras")
    data = (tmp_path / "whole.keras").read_bytes()
    for name, content in {"half.keras": data[: len(data) // 2], "empty.keras": b"", "text.h5": b"text"}.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(DataError, match=f"{name} is not a model of keras, or is broken"):
            networks.load_model(tmp_path / name)
    with zipfile.ZipFile(tmp_path / "whole.keras") as archive:
        config = archive.read("config.json")
    with zipfile.ZipFile(tmp_path / "no_weights.keras", "w") as archive:
        archive.writestr("config.json", config)
    with pytest.raises(DataError, match="no_weights.keras cannot be loaded as a model"):
        networks.load_model(tmp_path / "no_weights.keras")
    with h5py.File(tmp_path / "of.weights.h5", "w"):
        pass
    with pytest.raises(DataError, match="holds weights without a model"):
        networks.load_model(tmp_path / "of.weights.h5")


def test_a_folder_or_another_kind_of_file_says_what_to_do(tmp_path):
    with pytest.raises(ParameterError, match="is a folder; a model is a .keras file"):
        networks.load_model(tmp_path)
    (tmp_path / "saved_model.pb").touch()
    with pytest.raises(
        ParameterError, match=r"is a SavedModel, which only TensorFlow reads; .*load_model\('.*'\).save"
    ):
        networks.load_model(tmp_path)
    (tmp_path / "model.pt").touch()
    with pytest.raises(ParameterError, match=r"the ending of a model's file must be one of '.keras', '.h5', '.hdf5'"):
        networks.load_model(tmp_path / "model.pt")


def test_what_is_no_model_is_not_saved(trained, tmp_path):
    with pytest.raises(ParameterError, match="model must be a keras model; got str"):
        networks.save_model("model", tmp_path / "model.keras")
    with pytest.raises(ParameterError, match=r"path must end in .keras; got .*model.h5"):
        networks.save_model(trained, tmp_path / "model.h5")
    with pytest.raises(ParameterError, match="seed must be a whole number"):
        closeups.build_model(seed=0.5)
    with pytest.raises(ParameterError, match="seed must be .* below"):
        closeups.build_model(seed=2**40)
