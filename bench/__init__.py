"""The benchmark: `python -m bench` measures the product from outside, with simulator and Kubernetes stand-in around it.

Every process runs by itself: simulator, stand-in, `ako run` and this one, which loads objects, looks at the request log
of the simulator and at a watch of the stand-in, and reads what the operating system counts of `ako run`.
"""
