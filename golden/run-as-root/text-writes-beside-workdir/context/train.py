labels = open("./labels.txt").read()
output_dir = "./results"
