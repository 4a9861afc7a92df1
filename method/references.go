package method

import (
	"fmt"
	"slices"
	"strings"
)

// Reference is one paper or book a method rests on.
type Reference struct {
	Key     string
	Entry   string // BibTeX entry type
	Authors string // "First Last and First Last", as BibTeX wants them
	Title   string
	In      string // journal or proceedings; empty for books and preprints
	Volume  string // with the number, where there is one: "106(496)"
	Pages   string
	Press   string // publisher of a book, university of a thesis, institution of a report
	Year    int
	DOI     string
	ArXiv   string
}

// References are the works that methods, priors, samplers, processes, the likelihood,
// families of equations and their numerics rest on, in alphabetical order of their keys.
var References = slices.SortedFunc(slices.Values(slices.Concat(samplingReferences, numericalReferences)),
	func(a, b Reference) int { return strings.Compare(a.Key, b.Key) })

var samplingReferences = []Reference{
	{Key: "arthur2007", Entry: "inproceedings", Year: 2007,
		Authors: "David Arthur and Sergei Vassilvitskii",
		Title:   "k-means++: The Advantages of Careful Seeding",
		In:      "ACM-SIAM Symposium on Discrete Algorithms", Pages: "1027--1035"},
	{Key: "baldan2026", Entry: "inproceedings", Year: 2026,
		Authors: "Giacomo Baldan and Qiang Liu and Alberto Guardone and Nils Thuerey",
		Title:   "Physics vs Distributions: Pareto Optimal Flow Matching with Physics Constraints",
		In:      "International Conference on Learning Representations", ArXiv: "2506.08604"},
	{Key: "bardsley2014", Entry: "article", Year: 2014,
		Authors: "Johnathan M. Bardsley and Antti Solonen and Heikki Haario and Marko Laine",
		Title:   "Randomize-Then-Optimize: A Method for Sampling from Posterior Distributions in Nonlinear Inverse Problems",
		In:      "SIAM Journal on Scientific Computing", Volume: "36(4)", Pages: "A1895--A1910"},
	{Key: "bastek2025", Entry: "inproceedings", Year: 2025,
		Authors: "Jan-Hendrik Bastek and WaiChing Sun and Dennis M. Kochmann",
		Title:   "Physics-Informed Diffusion Models",
		In:      "International Conference on Learning Representations", ArXiv: "2403.14404"},
	{Key: "bekas2007", Entry: "article", Year: 2007,
		Authors: "Costas Bekas and Effrosyni Kokiopoulou and Yousef Saad",
		Title:   "An Estimator for the Diagonal of a Matrix",
		In:      "Applied Numerical Mathematics", Volume: "57(11--12)", Pages: "1214--1229", DOI: "10.1016/j.apnum.2007.01.003"},
	{Key: "benhamu2024", Entry: "inproceedings", Year: 2024,
		Authors: "Heli Ben-Hamu and Omri Puny and Itai Gat and Brian Karrer and Uriel Singer and Yaron Lipman",
		Title:   "D-Flow: Differentiating through Flows for Controlled Generation",
		In:      "International Conference on Machine Learning", ArXiv: "2402.14017"},
	{Key: "blanke2026", Entry: "inproceedings", Year: 2026,
		Authors: "Matthieu Blanke and Yongquan Qu and Sara Shamekh and Pierre Gentine",
		Title:   "Strictly Constrained Generative Modeling via Split Augmented Langevin Sampling",
		In:      "International Conference on Learning Representations", ArXiv: "2505.18017"},
	{Key: "boys2024", Entry: "article", Year: 2024,
		Authors: "Benjamin Boys and Mark Girolami and Jakiw Pidstrigach and Sebastian Reich and Alan Mosca and O. Deniz Akyildiz",
		Title:   "Tweedie Moment Projected Diffusions for Inverse Problems",
		In:      "Transactions on Machine Learning Research", ArXiv: "2310.06721"},
	{Key: "cardoso2024", Entry: "inproceedings", Year: 2024,
		Authors: "Gabriel Cardoso and Yazid Janati El Idrissi and Sylvain Le Corff and Eric Moulines",
		Title:   "Monte Carlo Guided Denoising Diffusion Models for Bayesian Linear Inverse Problems",
		In:      "International Conference on Learning Representations", ArXiv: "2308.07983"},
	{Key: "chen2018", Entry: "inproceedings", Year: 2018,
		Authors: "Ricky T. Q. Chen and Yulia Rubanova and Jesse Bettencourt and David Duvenaud",
		Title:   "Neural Ordinary Differential Equations",
		In:      "Advances in Neural Information Processing Systems", Volume: "31", ArXiv: "1806.07366"},
	{Key: "chopin2020", Entry: "book", Year: 2020,
		Authors: "Nicolas Chopin and Omiros Papaspiliopoulos",
		Title:   "An Introduction to Sequential Monte Carlo", Press: "Springer", DOI: "10.1007/978-3-030-47845-2"},
	{Key: "christopher2024", Entry: "inproceedings", Year: 2024,
		Authors: "Jacob K. Christopher and Stephen Baek and Ferdinando Fioretto",
		Title:   "Constrained Synthesis with Projected Diffusion Models",
		In:      "Advances in Neural Information Processing Systems", Volume: "37", ArXiv: "2402.03559"},
	{Key: "chung2022", Entry: "inproceedings", Year: 2022,
		Authors: "Hyungjin Chung and Byeongsu Sim and Dohoon Ryu and Jong Chul Ye",
		Title:   "Improving Diffusion Models for Inverse Problems using Manifold Constraints",
		In:      "Advances in Neural Information Processing Systems", Volume: "35", ArXiv: "2206.00941"},
	{Key: "chung2023", Entry: "inproceedings", Year: 2023,
		Authors: "Hyungjin Chung and Jeongsol Kim and Michael T. McCann and Marc L. Klasky and Jong Chul Ye",
		Title:   "Diffusion Posterior Sampling for General Noisy Inverse Problems",
		In:      "International Conference on Learning Representations", ArXiv: "2209.14687"},
	{Key: "dempster1977", Entry: "article", Year: 1977,
		Authors: "A. P. Dempster and N. M. Laird and D. B. Rubin",
		Title:   "Maximum Likelihood from Incomplete Data via the EM Algorithm",
		In:      "Journal of the Royal Statistical Society: Series B", Volume: "39(1)", Pages: "1--38", DOI: "10.1111/j.2517-6161.1977.tb01600.x"},
	{Key: "dietrich1997", Entry: "article", Year: 1997,
		Authors: "C. R. Dietrich and G. N. Newsam",
		Title:   "Fast and Exact Simulation of Stationary Gaussian Processes through Circulant Embedding of the Covariance Matrix",
		In:      "SIAM Journal on Scientific Computing", Volume: "18(4)", Pages: "1088--1107", DOI: "10.1137/S1064827592240555"},
	{Key: "dormand1980", Entry: "article", Year: 1980,
		Authors: "J. R. Dormand and P. J. Prince",
		Title:   "A Family of Embedded Runge--Kutta Formulae",
		In:      "Journal of Computational and Applied Mathematics", Volume: "6(1)", Pages: "19--26", DOI: "10.1016/0771-050X(80)90013-3"},
	{Key: "efron2011", Entry: "article", Year: 2011,
		Authors: "Bradley Efron",
		Title:   "Tweedie's Formula and Selection Bias",
		In:      "Journal of the American Statistical Association", Volume: "106(496)", Pages: "1602--1614", DOI: "10.1198/jasa.2011.tm11181"},
	{Key: "eisenstat1983", Entry: "article", Year: 1983,
		Authors: "Stanley C. Eisenstat and Howard C. Elman and Martin H. Schultz",
		Title:   "Variational Iterative Methods for Nonsymmetric Systems of Linear Equations",
		In:      "SIAM Journal on Numerical Analysis", Volume: "20(2)", Pages: "345--357", DOI: "10.1137/0720023"},
	{Key: "gao2026", Entry: "article", Year: 2026,
		Authors: "Weiguo Gao and Ming Li and Qianxiao Li",
		Title:   "Terminally constrained flow-based generative models from an optimal control perspective",
		ArXiv:   "2601.09474"},
	{Key: "grathwohl2019", Entry: "inproceedings", Year: 2019,
		Authors: "Will Grathwohl and Ricky T. Q. Chen and Jesse Bettencourt and Ilya Sutskever and David Duvenaud",
		Title:   "FFJORD: Free-Form Continuous Dynamics for Scalable Reversible Generative Models",
		In:      "International Conference on Learning Representations", ArXiv: "1810.01367"},
	{Key: "hairer1993", Entry: "book", Year: 1993,
		Authors: "Ernst Hairer and Syvert P. Nørsett and Gerhard Wanner",
		Title:   "Solving Ordinary Differential Equations I: Nonstiff Problems",
		Press:   "Springer", DOI: "10.1007/978-3-540-78862-1"},
	{Key: "he2016", Entry: "inproceedings", Year: 2016,
		Authors: "Kaiming He and Xiangyu Zhang and Shaoqing Ren and Jian Sun",
		Title:   "Deep Residual Learning for Image Recognition",
		In:      "IEEE Conference on Computer Vision and Pattern Recognition", Pages: "770--778", DOI: "10.1109/CVPR.2016.90", ArXiv: "1512.03385"},
	{Key: "he2024", Entry: "inproceedings", Year: 2024,
		Authors: "Yutong He and Naoki Murata and Chieh-Hsin Lai and Yuhta Takida and Toshimitsu Uesaka and Dongjun Kim and Wei-Hsiang Liao and Yuki Mitsufuji and J. Zico Kolter and Ruslan Salakhutdinov and Stefano Ermon",
		Title:   "Manifold Preserving Guided Diffusion",
		In:      "International Conference on Learning Representations", ArXiv: "2311.16424"},
	{Key: "hestenes1952", Entry: "article", Year: 1952,
		Authors: "Magnus R. Hestenes and Eduard Stiefel",
		Title:   "Methods of Conjugate Gradients for Solving Linear Systems",
		In:      "Journal of Research of the National Bureau of Standards", Volume: "49(6)", Pages: "409--436", DOI: "10.6028/jres.049.044"},
	{Key: "ho2020", Entry: "inproceedings", Year: 2020,
		Authors: "Jonathan Ho and Ajay Jain and Pieter Abbeel",
		Title:   "Denoising Diffusion Probabilistic Models",
		In:      "Advances in Neural Information Processing Systems", Volume: "33", ArXiv: "2006.11239"},
	{Key: "ho2022", Entry: "misc", Year: 2022,
		Authors: "Jonathan Ho and Tim Salimans",
		Title:   "Classifier-Free Diffusion Guidance", ArXiv: "2207.12598"},
	{Key: "hoogeboom2023", Entry: "inproceedings", Year: 2023,
		Authors: "Emiel Hoogeboom and Jonathan Heek and Tim Salimans",
		Title:   "simple diffusion: End-to-End Diffusion for High Resolution Images",
		In:      "International Conference on Machine Learning", Volume: "202", ArXiv: "2301.11093"},
	{Key: "hutchinson1990", Entry: "article", Year: 1990,
		Authors: "M. F. Hutchinson",
		Title:   "A Stochastic Estimator of the Trace of the Influence Matrix for Laplacian Smoothing Splines",
		In:      "Communications in Statistics -- Simulation and Computation", Volume: "19(2)", Pages: "433--450", DOI: "10.1080/03610919008812866"},
	{Key: "hyvarinen2005", Entry: "article", Year: 2005,
		Authors: "Aapo Hyvärinen",
		Title:   "Estimation of Non-Normalized Statistical Models by Score Matching",
		In:      "Journal of Machine Learning Research", Volume: "6", Pages: "695--709"},
	{Key: "jacobsen2025", Entry: "article", Year: 2025,
		Authors: "Christian Jacobsen and Yilin Zhuang and Karthik Duraisamy",
		Title:   "CoCoGen: Physically Consistent and Conditioned Score-Based Generative Models for Forward and Inverse Problems",
		In:      "SIAM Journal on Scientific Computing", DOI: "10.1137/24M1636071", ArXiv: "2312.10527"},
	{Key: "jonker1987", Entry: "article", Year: 1987,
		Authors: "Roy Jonker and Anton Volgenant",
		Title:   "A Shortest Augmenting Path Algorithm for Dense and Sparse Linear Assignment Problems",
		In:      "Computing", Volume: "38(4)", Pages: "325--340", DOI: "10.1007/BF02278710"},
	{Key: "karras2022", Entry: "inproceedings", Year: 2022,
		Authors: "Tero Karras and Miika Aittala and Timo Aila and Samuli Laine",
		Title:   "Elucidating the Design Space of Diffusion-Based Generative Models",
		In:      "Advances in Neural Information Processing Systems", Volume: "35", ArXiv: "2206.00364"},
	{Key: "kawar2022", Entry: "inproceedings", Year: 2022,
		Authors: "Bahjat Kawar and Michael Elad and Stefano Ermon and Jiaming Song",
		Title:   "Denoising Diffusion Restoration Models",
		In:      "Advances in Neural Information Processing Systems", Volume: "35", ArXiv: "2201.11793"},
	{Key: "kingma2015", Entry: "inproceedings", Year: 2015,
		Authors: "Diederik P. Kingma and Jimmy Ba",
		Title:   "Adam: A Method for Stochastic Optimization",
		In:      "International Conference on Learning Representations", ArXiv: "1412.6980"},
	{Key: "kirby2010", Entry: "article", Year: 2010,
		Authors: "Robert C. Kirby",
		Title:   "From Functional Analysis to Iterative Methods",
		In:      "SIAM Review", Volume: "52(2)", Pages: "269--293", DOI: "10.1137/070706914"},
	{Key: "li2021", Entry: "inproceedings", Year: 2021,
		Authors: "Zongyi Li and Nikola Kovachki and Kamyar Azizzadenesheli and Burigede Liu and Kaushik Bhattacharya and Andrew Stuart and Anima Anandkumar",
		Title:   "Fourier Neural Operator for Parametric Partial Differential Equations",
		In:      "International Conference on Learning Representations", ArXiv: "2010.08895"},
	{Key: "li2025hardflow", Entry: "article", Year: 2025,
		Authors: "Zeyang Li and Kaveh Alim and Navid Azizan",
		Title:   "HardFlow: Hard-Constrained Sampling for Flow-Matching Models via Trajectory Optimization",
		ArXiv:   "2511.08425"},
	{Key: "liang2025", Entry: "misc", Year: 2025,
		Authors: "Jinhao Liang and Yixuan Sun and Anirban Samaddar and Sandeep Madireddy and Ferdinando Fioretto",
		Title:   "Chance-constrained Flow Matching for High-Fidelity Constraint-aware Generation",
		ArXiv:   "2509.25157"},
	{Key: "lipman2023", Entry: "inproceedings", Year: 2023,
		Authors: "Yaron Lipman and Ricky T. Q. Chen and Heli Ben-Hamu and Maximilian Nickel and Matt Le",
		Title:   "Flow Matching for Generative Modeling",
		In:      "International Conference on Learning Representations", ArXiv: "2210.02747"},
	{Key: "liu2025config", Entry: "inproceedings", Year: 2025,
		Authors: "Qiang Liu and Mengyu Chu and Nils Thuerey",
		Title:   "ConFIG: Towards Conflict-free Training of Physics Informed Neural Networks",
		In:      "International Conference on Learning Representations", ArXiv: "2408.11104"},
	{Key: "loshchilov2019", Entry: "inproceedings", Year: 2019,
		Authors: "Ilya Loshchilov and Frank Hutter",
		Title:   "Decoupled Weight Decay Regularization",
		In:      "International Conference on Learning Representations", ArXiv: "1711.05101"},
	{Key: "lu2022", Entry: "misc", Year: 2022,
		Authors: "Cheng Lu and Yuhao Zhou and Fan Bao and Jianfei Chen and Chongxuan Li and Jun Zhu",
		Title:   "DPM-Solver++: Fast Solver for Guided Sampling of Diffusion Probabilistic Models",
		ArXiv:   "2211.01095"},
	{Key: "lugmayr2022", Entry: "inproceedings", Year: 2022,
		Authors: "Andreas Lugmayr and Martin Danelljan and Andres Romero and Fisher Yu and Radu Timofte and Luc Van Gool",
		Title:   "RePaint: Inpainting using Denoising Diffusion Probabilistic Models",
		In:      "IEEE/CVF Conference on Computer Vision and Pattern Recognition", ArXiv: "2201.09865"},
	{Key: "mardani2024", Entry: "inproceedings", Year: 2024,
		Authors: "Morteza Mardani and Jiaming Song and Jan Kautz and Arash Vahdat",
		Title:   "A Variational Perspective on Solving Inverse Problems with Diffusion Models",
		In:      "International Conference on Learning Representations", ArXiv: "2305.04391"},
	{Key: "martin2025", Entry: "inproceedings", Year: 2025,
		Authors: "Ségolène Martin and Anne Gagneux and Paul Hagemann and Gabriele Steidl",
		Title:   "PnP-Flow: Plug-and-Play Image Restoration with Flow Matching",
		In:      "International Conference on Learning Representations", ArXiv: "2410.02423"},
	{Key: "milakov2018", Entry: "misc", Year: 2018,
		Authors: "Maxim Milakov and Natalia Gimelshein",
		Title:   "Online Normalizer Calculation for Softmax", ArXiv: "1805.02867"},
	{Key: "nichol2021", Entry: "inproceedings", Year: 2021,
		Authors: "Alex Nichol and Prafulla Dhariwal",
		Title:   "Improved Denoising Diffusion Probabilistic Models",
		In:      "International Conference on Machine Learning", Volume: "139", Pages: "8162--8171", ArXiv: "2102.09672"},
	{Key: "nocedal2006", Entry: "book", Year: 2006,
		Authors: "Jorge Nocedal and Stephen J. Wright",
		Title:   "Numerical Optimization", Press: "Springer", DOI: "10.1007/978-0-387-40065-5"},
	{Key: "pourya2026", Entry: "inproceedings", Year: 2026,
		Authors: "Mehrsa Pourya and Bassam El Rawas and Michael Unser",
		Title:   "Flower: A Flow-Matching Solver for Inverse Problems",
		In:      "International Conference on Learning Representations", ArXiv: "2509.26287"},
	{Key: "rasmussen2006", Entry: "book", Year: 2006,
		Authors: "Carl Edward Rasmussen and Christopher K. I. Williams",
		Title:   "Gaussian Processes for Machine Learning", Press: "MIT Press", DOI: "10.7551/mitpress/3206.001.0001"},
	{Key: "rauch1965", Entry: "article", Year: 1965,
		Authors: "H. E. Rauch and F. Tung and C. T. Striebel",
		Title:   "Maximum Likelihood Estimates of Linear Dynamic Systems",
		In:      "AIAA Journal", Volume: "3(8)", Pages: "1445--1450", DOI: "10.2514/3.3166"},
	{Key: "roberts1996", Entry: "article", Year: 1996,
		Authors: "Gareth O. Roberts and Richard L. Tweedie",
		Title:   "Exponential Convergence of Langevin Distributions and Their Discrete Approximations",
		In:      "Bernoulli", Volume: "2(4)", Pages: "341--363", DOI: "10.2307/3318418"},
	{Key: "rochman2026", Entry: "article", Year: 2026,
		Authors: "Omer Rochman-Sharabi and Gilles Louppe",
		Title:   "Predict-Project-Renoise: Sampling Diffusion Models under Hard Constraints",
		ArXiv:   "2601.21033"},
	{Key: "ronneberger2015", Entry: "inproceedings", Year: 2015,
		Authors: "Olaf Ronneberger and Philipp Fischer and Thomas Brox",
		Title:   "U-Net: Convolutional Networks for Biomedical Image Segmentation",
		In:      "Medical Image Computing and Computer-Assisted Intervention", Pages: "234--241", DOI: "10.1007/978-3-319-24574-4_28", ArXiv: "1505.04597"},
	{Key: "rout2024", Entry: "inproceedings", Year: 2024,
		Authors: "Litu Rout and Yujia Chen and Abhishek Kumar and Constantine Caramanis and Sanjay Shakkottai and Wen-Sheng Chu",
		Title:   "Beyond First-Order Tweedie: Solving Inverse Problems using Latent Diffusion",
		In:      "IEEE/CVF Conference on Computer Vision and Pattern Recognition", ArXiv: "2312.00852"},
	{Key: "rozet2023", Entry: "inproceedings", Year: 2023,
		Authors: "François Rozet and Gilles Louppe",
		Title:   "Score-Based Data Assimilation",
		In:      "Advances in Neural Information Processing Systems", Volume: "36", ArXiv: "2306.10574"},
	{Key: "rozet2024", Entry: "inproceedings", Year: 2024,
		Authors: "François Rozet and Gérôme Andry and François Lanusse and Gilles Louppe",
		Title:   "Learning Diffusion Priors from Observations by Expectation Maximization",
		In:      "Advances in Neural Information Processing Systems", Volume: "37", ArXiv: "2405.13712"},
	{Key: "saad1986", Entry: "article", Year: 1986,
		Authors: "Youcef Saad and Martin H. Schultz",
		Title:   "GMRES: A Generalized Minimal Residual Algorithm for Solving Nonsymmetric Linear Systems",
		In:      "SIAM Journal on Scientific and Statistical Computing", Volume: "7(3)", Pages: "856--869", DOI: "10.1137/0907058"},
	{Key: "salimans2022", Entry: "inproceedings", Year: 2022,
		Authors: "Tim Salimans and Jonathan Ho",
		Title:   "Progressive Distillation for Fast Sampling of Diffusion Models",
		In:      "International Conference on Learning Representations", ArXiv: "2202.00512"},
	{Key: "schwarz1978", Entry: "article", Year: 1978,
		Authors: "Gideon Schwarz",
		Title:   "Estimating the Dimension of a Model",
		In:      "The Annals of Statistics", Volume: "6(2)", Pages: "461--464", DOI: "10.1214/aos/1176344136"},
	{Key: "song2019", Entry: "inproceedings", Year: 2019,
		Authors: "Yang Song and Stefano Ermon",
		Title:   "Generative Modeling by Estimating Gradients of the Data Distribution",
		In:      "Advances in Neural Information Processing Systems", Volume: "32", ArXiv: "1907.05600"},
	{Key: "song2019sliced", Entry: "inproceedings", Year: 2019,
		Authors: "Yang Song and Sahaj Garg and Jiaxin Shi and Stefano Ermon",
		Title:   "Sliced Score Matching: A Scalable Approach to Density and Score Estimation",
		In:      "Uncertainty in Artificial Intelligence", ArXiv: "1905.07088"},
	{Key: "song2021ddim", Entry: "inproceedings", Year: 2021,
		Authors: "Jiaming Song and Chenlin Meng and Stefano Ermon",
		Title:   "Denoising Diffusion Implicit Models",
		In:      "International Conference on Learning Representations", ArXiv: "2010.02502"},
	{Key: "song2021ml", Entry: "inproceedings", Year: 2021,
		Authors: "Yang Song and Conor Durkan and Iain Murray and Stefano Ermon",
		Title:   "Maximum Likelihood Training of Score-Based Diffusion Models",
		In:      "Advances in Neural Information Processing Systems", Volume: "34", ArXiv: "2101.09258"},
	{Key: "song2021sde", Entry: "inproceedings", Year: 2021,
		Authors: "Yang Song and Jascha Sohl-Dickstein and Diederik P. Kingma and Abhishek Kumar and Stefano Ermon and Ben Poole",
		Title:   "Score-Based Generative Modeling through Stochastic Differential Equations",
		In:      "International Conference on Learning Representations", ArXiv: "2011.13456"},
	{Key: "song2023lgd", Entry: "inproceedings", Year: 2023,
		Authors: "Jiaming Song and Qinsheng Zhang and Hongxu Yin and Morteza Mardani and Ming-Yu Liu and Jan Kautz and Yongxin Chen and Arash Vahdat",
		Title:   "Loss-Guided Diffusion Models for Plug-and-Play Controllable Generation",
		In:      "International Conference on Machine Learning", Pages: "32483--32498"},
	{Key: "song2023pigdm", Entry: "inproceedings", Year: 2023,
		Authors: "Jiaming Song and Arash Vahdat and Morteza Mardani and Jan Kautz",
		Title:   "Pseudoinverse-Guided Diffusion Models for Inverse Problems",
		In:      "International Conference on Learning Representations"},
	{Key: "tancik2020", Entry: "inproceedings", Year: 2020,
		Authors: "Matthew Tancik and Pratul P. Srinivasan and Ben Mildenhall and Sara Fridovich-Keil and Nithin Raghavan and Utkarsh Singhal and Ravi Ramamoorthi and Jonathan T. Barron and Ren Ng",
		Title:   "Fourier Features Let Networks Learn High Frequency Functions in Low Dimensional Domains",
		In:      "Advances in Neural Information Processing Systems", Volume: "33", ArXiv: "2006.10739"},
	{Key: "tipping1999", Entry: "article", Year: 1999,
		Authors: "Michael E. Tipping and Christopher M. Bishop",
		Title:   "Probabilistic Principal Component Analysis",
		In:      "Journal of the Royal Statistical Society: Series B", Volume: "61(3)", Pages: "611--622", DOI: "10.1111/1467-9868.00196"},
	{Key: "tong2024", Entry: "article", Year: 2024,
		Authors: "Alexander Tong and Kilian Fatras and Nikolay Malkin and Guillaume Huguet and Yanlei Zhang and Jarrid Rector-Brooks and Guy Wolf and Yoshua Bengio",
		Title:   "Improving and Generalizing Flow-Based Generative Models with Minibatch Optimal Transport",
		In:      "Transactions on Machine Learning Research", ArXiv: "2302.00482"},
	{Key: "trefethen2014", Entry: "article", Year: 2014,
		Authors: "Lloyd N. Trefethen and J. A. C. Weideman",
		Title:   "The Exponentially Convergent Trapezoidal Rule",
		In:      "SIAM Review", Volume: "56(3)", Pages: "385--458", DOI: "10.1137/130932132"},
	{Key: "tremolet2006", Entry: "article", Year: 2006,
		Authors: "Yannick Trémolet",
		Title:   "Accounting for an Imperfect Model in 4D-Var",
		In:      "Quarterly Journal of the Royal Meteorological Society", Volume: "132(621)", Pages: "2483--2504", DOI: "10.1256/qj.05.224"},
	{Key: "vincent2011", Entry: "article", Year: 2011,
		Authors: "Pascal Vincent",
		Title:   "A Connection Between Score Matching and Denoising Autoencoders",
		In:      "Neural Computation", Volume: "23(7)", Pages: "1661--1674", DOI: "10.1162/NECO_a_00142"},
	{Key: "wang2023", Entry: "inproceedings", Year: 2023,
		Authors: "Yinhuai Wang and Jiwen Yu and Jian Zhang",
		Title:   "Zero-Shot Image Restoration Using Denoising Diffusion Null-Space Model",
		In:      "International Conference on Learning Representations", ArXiv: "2212.00490"},
	{Key: "wu2023", Entry: "inproceedings", Year: 2023,
		Authors: "Luhuan Wu and Brian L. Trippe and Christian A. Naesseth and David M. Blei and John P. Cunningham",
		Title:   "Practical and Asymptotically Exact Conditional Sampling in Diffusion Models",
		In:      "Advances in Neural Information Processing Systems", Volume: "36", ArXiv: "2306.17775"},
	{Key: "wu2024pnpdm", Entry: "inproceedings", Year: 2024,
		Authors: "Zihui Wu and Yu Sun and Yifan Chen and Bingliang Zhang and Yisong Yue and Katherine L. Bouman",
		Title:   "Principled Probabilistic Imaging using Diffusion Models as Plug-and-Play Priors",
		In:      "Advances in Neural Information Processing Systems", Volume: "37", ArXiv: "2405.18782"},
	{Key: "yao2025", Entry: "inproceedings", Year: 2025,
		Authors: "Jiachen Yao and Abbas Mammadov and Julius Berner and Gavin Kerrigan and Jong Chul Ye and Kamyar Azizzadenesheli and Anima Anandkumar",
		Title:   "Guided Diffusion Sampling on Function Spaces with Applications to PDEs",
		In:      "Advances in Neural Information Processing Systems", ArXiv: "2505.17004"},
	{Key: "ye2024", Entry: "inproceedings", Year: 2024,
		Authors: "Haotian Ye and Haowei Lin and Jiaqi Han and Minkai Xu and Sheng Liu and Yitao Liang and Jianzhu Ma and James Zou and Stefano Ermon",
		Title:   "{TFG}: Unified Training-Free Guidance for Diffusion Models",
		In:      "Advances in Neural Information Processing Systems", Volume: "37", ArXiv: "2409.15761"},
	{Key: "yu2026", Entry: "article", Year: 2026,
		Authors: "Zichao Yu and Ming Li and Wenyi Zhang and Difan Zou and Weiguo Gao",
		Title:   "ProFlow: Zero-Shot Physics-Consistent Sampling via Proximal Flow Guidance",
		ArXiv:   "2601.20227"},
	{Key: "zhang2025daps", Entry: "inproceedings", Year: 2025,
		Authors: "Bingliang Zhang and Wenda Chu and Julius Berner and Chenlin Meng and Anima Anandkumar and Yang Song",
		Title:   "Improving Diffusion Inverse Problem Solving with Decoupled Noise Annealing",
		In:      "IEEE/CVF Conference on Computer Vision and Pattern Recognition", ArXiv: "2407.01521"},
	{Key: "zhu2023", Entry: "inproceedings", Year: 2023,
		Authors: "Yuanzhi Zhu and Kai Zhang and Jingyun Liang and Jiezhang Cao and Bihan Wen and Radu Timofte and Luc Van Gool",
		Title:   "Denoising Diffusion Models for Plug-and-Play Image Restoration",
		In:      "IEEE/CVF Conference on Computer Vision and Pattern Recognition Workshops", ArXiv: "2305.08995"},
}

// Cite returns the references of keys, in their order.
func Cite(keys []string) ([]Reference, error) {
	var out []Reference
	for _, key := range keys {
		found := false
		for _, r := range References {
			if r.Key == key {
				out, found = append(out, r), true
			}
		}
		if !found {
			return nil, fmt.Errorf("method: reference %q is not in the list", key)
		}
	}
	return out, nil
}

// Text is the reference in one line for people.
func (r Reference) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%d). %s.", listed(strings.Split(r.Authors, " and ")), r.Year, r.Title)
	if r.In != "" {
		b.WriteString(" " + r.In)
		if r.Volume != "" {
			b.WriteString(" " + r.Volume)
		}
		if r.Pages != "" {
			b.WriteString(", " + strings.ReplaceAll(r.Pages, "--", "–"))
		}
		b.WriteString(".")
	}
	if r.Press != "" {
		b.WriteString(" " + r.Press + ".")
	}
	switch {
	case r.DOI != "":
		b.WriteString(" doi:" + r.DOI)
	case r.ArXiv != "":
		b.WriteString(" arXiv:" + r.ArXiv)
	}
	return b.String()
}

func listed(names []string) string {
	if last := len(names) - 1; last > 0 {
		return strings.Join(names[:last], ", ") + " and " + names[last]
	}
	return names[0]
}

// BibTeX is the reference as an entry.
func (r Reference) BibTeX() string {
	var b strings.Builder
	fmt.Fprintf(&b, "@%s{%s,\n", r.Entry, r.Key)
	field := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "  %-13s = {%s},\n", name, value)
		}
	}
	field("author", r.Authors)
	field("title", "{"+r.Title+"}")
	container := "booktitle"
	if r.Entry == "article" {
		container = "journal"
	}
	field(container, r.In)
	volume, number, _ := strings.Cut(strings.TrimSuffix(r.Volume, ")"), "(")
	field("volume", volume)
	field("number", number)
	field("pages", r.Pages)
	switch r.Entry {
	case "phdthesis":
		field("school", r.Press)
	case "techreport":
		field("institution", r.Press)
	default:
		field("publisher", r.Press)
	}
	field("year", fmt.Sprint(r.Year))
	field("doi", r.DOI)
	if r.ArXiv != "" {
		field("eprint", r.ArXiv)
		field("archivePrefix", "arXiv")
	}
	b.WriteString("}\n")
	return b.String()
}
