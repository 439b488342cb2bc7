"""`kmeans.py TASK FILE K PACKAGE`: K centres of the standardised columns, one start.

PACKAGE is `scikit-learn` (KMeans: greedy k-means++, its own tolerance) or `faiss-cpu` (Kmeans: 25 iterations on all rows).
The inertia is taken in float64 for both.
"""

import sys

import numpy as np
from common import THREADS, answer, load, timed

task, path, k, package = sys.argv[1:]
x, _ = load(path)
x = np.ascontiguousarray(x.to_numpy())
x = (x - x.mean(axis=0)) / x.std(axis=0)
k = int(k)


def scikit_learn():
    from sklearn.cluster import KMeans

    def fit(rows):
        return KMeans(n_clusters=k, n_init=1, random_state=0).fit(x[:rows])

    return fit, lambda m: (m.cluster_centers_, m.n_iter_)


def faiss():
    import faiss

    faiss.omp_set_num_threads(THREADS)
    single = x.astype(np.float32)

    def fit(rows):
        model = faiss.Kmeans(x.shape[1], k, niter=25, nredo=1, seed=1234, max_points_per_centroid=len(x))
        model.train(single[:rows])
        return model

    return fit, lambda m: (m.centroids.astype(float), 25)


fit, read = {"scikit-learn": scikit_learn, "faiss-cpu": faiss}[package]()
fit(2_000)
seconds, model = timed(lambda: fit(len(x)))
centers, iterations = read(model)
inertia = 0.0
for part in np.array_split(x, 100):
    inertia += ((part[:, None, :] - centers[None]) ** 2).sum(axis=2).min(axis=1).sum()
answer(task, package, seconds, {"inertia": float(inertia), "iterations": int(iterations), "rows": len(x)})
