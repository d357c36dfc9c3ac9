typedef int empty_layer;
