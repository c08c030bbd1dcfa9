"""Which serial lines are taken for scanners without being named."""

import pytest
from serial.tools.list_ports_common import ListPortInfo

from crewcheck_agent.kiosk.scanner.nodes import Node
from crewcheck_agent.kiosk.scanner.serial_line import scanners_among, serial_ports


def port(device: str, manufacturer: str | None, product: str | None) -> ListPortInfo:
    info = ListPortInfo(device)
    info.manufacturer, info.product = manufacturer, product
    return info


@pytest.mark.parametrize(
    ("device", "manufacturer", "product", "name"),
    [
        ("/dev/ttyACM0", "Honeywell", "1470g Barcode Scanner", "Honeywell 1470g Barcode Scanner"),
        ("/dev/ttyACM1", None, "BAR CODE reader", "BAR CODE reader"),
        ("/dev/ttyACM2", "Datalogic ADC, Inc.", "Handheld Scanner", "Datalogic ADC, Inc. Handheld Scanner"),
        ("/dev/ttyACM3", "Newland Scan Ltd", None, "Newland Scan Ltd"),
    ],
)
def test_a_line_that_calls_itself_a_scanner_is_one(
    device: str, manufacturer: str | None, product: str, name: str
) -> None:
    assert list(scanners_among([port(device, manufacturer, product)])) == [Node(device, name)]


@pytest.mark.parametrize(
    ("device", "product"),
    [
        ("/dev/ttyACM0", "LTE Modem"),
        ("/dev/ttyACM0", None),
        ("/dev/ttyS0", "Scanner"),
        ("/dev/ttyUSB0", "Scanner"),
    ],
)
def test_any_other_line_is_left_alone_unless_it_is_named(device: str, product: str | None) -> None:
    assert list(scanners_among([port(device, "Maker", product)])) == []


def test_the_ports_of_this_machine_are_those_of_the_library() -> None:
    assert all(each.device.startswith("/dev/") for each in serial_ports())
