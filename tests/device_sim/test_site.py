from __future__ import annotations

from pathlib import Path

import pytest

from device_sim.load import Load, load_site
from device_sim.scenario import load
from device_sim.site import SimSite, demo_site, write_site_file
from server.assets.site_file import DEMO_SITE, SiteFile
from server.assets.site_file import load_site as read_site_file


def generated() -> list[SimSite]:
    return [
        load("storm").site,
        load("bad_day").site,
        load_site(Load(devices=3, points=20, rate=1, seconds=1)),
    ]


@pytest.mark.parametrize("site", generated(), ids=lambda site: site.key)
def test_the_server_reads_the_site_file_of_a_generated_fleet(site: SimSite, tmp_path: Path) -> None:
    write_site_file(site, tmp_path / "site.yaml")
    read = read_site_file(tmp_path / "site.yaml")

    assert [(asset.key, asset.profile) for asset in read.assets] == [(a.key, a.profile) for a in site.assets]
    assert feeds(read) == set(site.feeds)
    spaces = {space.key for space in read.spaces}
    assert all(asset.space in spaces for asset in read.assets)


def test_every_machine_but_the_main_meter_is_fed_once() -> None:
    site = load("storm").site
    fed = [target for _, target in site.feeds]

    assert sorted(fed) == sorted(asset.key for asset in site.assets if asset.key != "meter-01")


def test_the_demo_site_is_the_one_that_ships_with_the_server() -> None:
    shipped, simulated = read_site_file(DEMO_SITE), demo_site()

    played = {(a.key, a.profile) for a in simulated.assets}
    assert {(a.key, a.profile) for a in shipped.assets} == played | {("trial-pump", "pump")}
    assert feeds(shipped) == set(simulated.feeds) | {("meter-b", "trial-pump")}


def feeds(file: SiteFile) -> set[tuple[str, str]]:
    return {(entry.from_asset, target) for entry in file.feeds for target in entry.to}
