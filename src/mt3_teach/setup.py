from setuptools import find_packages, setup

package_name = 'mt3_teach'

setup(
    name=package_name,
    version='0.1.0',
    packages=find_packages(exclude=['test']),
    data_files=[
        ('share/ament_index/resource_index/packages', ['resource/' + package_name]),
        ('share/' + package_name, ['package.xml']),
    ],
    install_requires=['setuptools'],
    extras_require={'test': ['pytest']},
    zip_safe=False,
    maintainer='MT3 for ROS 2 maintainers',
    maintainer_email='maintainers@mt3-ros.org',
    description='Recording, import, export and linting of demonstrations.',
    license='Apache-2.0',
    entry_points={
        'console_scripts': [
            'recorder = mt3_teach.recorder_node:main',
            'teleop = mt3_teach.teleop.node:main',
            'teleop_device = mt3_teach.teleop.device_node:main',
        ],
    },
)
