from setuptools import find_packages, setup

package_name = 'mt3_cli'

setup(
    name=package_name,
    version='0.1.0',
    packages=find_packages(exclude=['test']),
    package_data={'mt3_cli.demo': ['templates/*.j2']},
    data_files=[
        ('share/ament_index/resource_index/packages', ['resource/' + package_name]),
        ('share/' + package_name, ['package.xml']),
    ],
    install_requires=['setuptools'],
    extras_require={'test': ['pytest']},
    zip_safe=False,
    maintainer='MT3 for ROS 2 maintainers',
    maintainer_email='maintainers@mt3-ros.org',
    description='The mt3 command.',
    license='Apache-2.0',
    entry_points={
        'console_scripts': [
            'mt3 = mt3_cli.main:main',
        ],
    },
)
