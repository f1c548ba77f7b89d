from setuptools import find_packages, setup

package_name = 'mt3_sim'

setup(
    name=package_name,
    version='0.1.0',
    packages=find_packages(exclude=['test']),
    package_data={'mt3_sim.suite': ['*.tsv']},
    data_files=[
        ('share/ament_index/resource_index/packages', ['resource/' + package_name]),
        ('share/' + package_name, ['package.xml']),
    ],
    install_requires=['setuptools'],
    extras_require={'test': ['pytest']},
    zip_safe=False,
    maintainer='MT3 for ROS 2 maintainers',
    maintainer_email='maintainers@mt3-ros.org',
    description='A simulated cell with the interfaces of a real arm and camera.',
    license='Apache-2.0',
    entry_points={
        'console_scripts': [
            'cell = mt3_sim.node:main',
            'expert = mt3_sim.experts.teleop_node:main',
        ],
    },
)
