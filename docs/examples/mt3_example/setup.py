from setuptools import find_packages, setup

package_name = 'mt3_example'

setup(
    name=package_name,
    version='0.1.0',
    packages=find_packages(),
    data_files=[
        ('share/ament_index/resource_index/packages', ['resource/' + package_name]),
        ('share/' + package_name, ['package.xml']),
    ],
    install_requires=['setuptools'],
    zip_safe=False,
    maintainer='MT3 for ROS 2 maintainers',
    maintainer_email='maintainers@mt3-ros.org',
    description='A node of another package that asks MT3 for retrieval.',
    license='Apache-2.0',
    entry_points={'console_scripts': ['ask = mt3_example.ask_node:main']},
)
