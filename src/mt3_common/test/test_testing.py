import os

from mt3_common.domain import hold_domain


def test_a_domain_is_held_by_one_at_a_time():
    held = [hold_domain() for _ in range(5)]
    assert len({domain for domain, _ in held}) == 5 and all(1 <= domain <= 100 for domain, _ in held)
    for _, handle in held:
        handle.close()


def test_the_fixture_sets_the_environment(ros_domain):
    assert os.environ['ROS_DOMAIN_ID'] == str(ros_domain)
    assert os.environ['ROS_AUTOMATIC_DISCOVERY_RANGE'] == 'LOCALHOST'
